//! `usermgmt audit`: what auditors ask for.

mod export;
mod file;
mod verify;

use application::audit::{PositionRange, Trail};
use settings::{Loaded, Settings};

use super::{Failure, print};
use crate::arguments::{AuditCommand, RangeArguments, VerifyArguments};
use crate::database::Database;
use crate::{compose, kept_keys, logging};

pub(super) fn run(loaded: &Loaded, command: AuditCommand) -> Result<(), Failure> {
    logging::start_quietly(loaded)?;
    let settings = &loaded.settings;
    match command {
        AuditCommand::Verify(VerifyArguments { file: Some(file), public_key, .. }) => file::verify(&file, &public_key),
        AuditCommand::PublicKey => {
            let key = compose::audit_signer(settings)?.audit_public_key();
            print(&format!("{key}\n"))
        }
        AuditCommand::Verify(VerifyArguments { range, .. }) => compose::runtime()?.block_on(async {
            let (database, trail) = Box::pin(open(settings)).await?;
            let done = Box::pin(verify::run(&trail, range)).await;
            database.close().await;
            done
        }),
        AuditCommand::Export(arguments) => compose::runtime()?.block_on(async {
            let (database, trail) = Box::pin(open(settings)).await?;
            let done = Box::pin(export::run(&trail, arguments)).await;
            database.close().await;
            done
        }),
    }
}

async fn open(settings: &Settings) -> Result<(Database, Trail), Failure> {
    let database = Database::connect_current(settings).await?;
    kept_keys::compare(settings, &database).await?;
    let trail = Trail::new(&compose::desk(settings, &database)?.users);
    Ok((database, trail))
}

fn range(arguments: RangeArguments) -> Result<PositionRange, Failure> {
    PositionRange::new(arguments.from, arguments.to).map_err(|error| Failure::because("--from and --to", &error))
}

/// A number with its noun.
fn counted(count: u64, one: &str, several: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {several}") }
}
