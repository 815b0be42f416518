//! `usermgmt users export`: all users as a file.

use std::fs::File;
use std::io::{BufWriter, Write as _};

use application::users::UserExport;
use domain::user::UserView;
use user_files::{IdFormat, UserCsv, UserNdjson};

use super::Desk;
use crate::arguments::{ExportUsersArguments, UsersFormat};
use crate::commands::{Failure, print_while_read};

impl Desk {
    pub(super) async fn export(&self, arguments: ExportUsersArguments) -> Result<(), Failure> {
        let export = self.users.export(&self.context).await;
        let mut export = export.map_err(|error| Failure::because("the users could not be exported", &error))?;
        let id_format = if self.shows_numbers { IdFormat::Integer } else { IdFormat::Uuid };
        let mut out = Vec::new();
        if arguments.format == UsersFormat::Csv {
            UserCsv::new(id_format).header(&mut out);
        }
        let row = |user: &UserView, out: &mut Vec<u8>| match arguments.format {
            UsersFormat::Ndjson => UserNdjson::new(id_format).row(user, out),
            UsersFormat::Csv => UserCsv::new(id_format).row(user, out),
        };
        let Some(path) = arguments.output else {
            while is_read(&out)? && next(&mut export, &mut out, row).await? {}
            return Ok(());
        };
        let failed = |error| Failure::because(&format!("{} cannot be written", path.display()), &error);
        let mut file = BufWriter::new(File::create(&path).map_err(failed)?);
        loop {
            file.write_all(&out).map_err(failed)?;
            if !next(&mut export, &mut out, row).await? {
                break;
            }
        }
        let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)
    }
}

/// The next part, in the place of the last one; whether there is one.
async fn next(
    export: &mut UserExport,
    out: &mut Vec<u8>,
    row: impl Fn(&UserView, &mut Vec<u8>),
) -> Result<bool, Failure> {
    out.clear();
    let part = export.part().await.map_err(|error| Failure::because("the export broke off", &error))?;
    part.iter().flatten().for_each(|user| row(user, out));
    Ok(part.is_some())
}

/// Prints it, and tells whether somebody still reads.
fn is_read(out: &[u8]) -> Result<bool, Failure> {
    print_while_read(std::str::from_utf8(out).expect("users are written as UTF-8"))
}
