//! The arguments of `usermgmt users import` and `export`.

use std::path::PathBuf;

use application::users::OnConflict;
use clap::{Args, ValueEnum};
use user_files::ImportFormat;

pub(super) const IMPORT_EXAMPLES: &str = "\
Examples:
  usermgmt users import users.csv --dry-run             tells what would happen
  usermgmt users import users.csv --map email=Mail --map -=Notes --rejected rejected.csv
  usermgmt users import realm-users-0.json --format keycloak --on-conflict skip
  pg_dump … | usermgmt users import - --format ndjson

Interrupted, the same command goes on where it stopped. See docs/IMPORT_EXPORT.md for formats and columns.

Exit codes: 0 everything was taken over, 1 something was not (rejected records count), 2 wrong usage";

pub(super) const EXPORT_EXAMPLES: &str = "\
Examples:
  usermgmt users export --output users.ndjson
  usermgmt users export --format csv > users.csv

Passwords and their hashes are never exported.";

#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// The file, or - for standard input
    pub(crate) file: PathBuf,
    /// csv, ndjson, keycloak, auth0, firebase or django; told from the file where it is missing
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<ImportFormat>,
    /// What a column or member is called in the file: email=Mail; -=Notes passes one over
    #[arg(long = "map", value_name = "OURS=THEIRS")]
    pub(crate) map: Vec<String>,
    /// What becomes of a record about somebody who is there already
    #[arg(long, value_enum, default_value_t = Conflict::Fail)]
    pub(crate) on_conflict: Conflict,
    /// Tell what would happen, and change nothing. Doubles within the file that are far apart are not noticed
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write rejected records with the reasons to this file, to be mended and imported again
    #[arg(long, value_name = "FILE")]
    pub(crate) rejected: Option<PathBuf>,
    /// Begin anew, where an import of this file was interrupted
    #[arg(long)]
    pub(crate) restart: bool,
    /// A file with the `base64_signer_key` of the Firebase project
    #[arg(long, value_name = "FILE", requires = "firebase_salt_separator")]
    pub(crate) firebase_signer_key_file: Option<PathBuf>,
    /// The `base64_salt_separator` of the Firebase project
    #[arg(long, value_name = "BASE64", requires = "firebase_signer_key_file")]
    pub(crate) firebase_salt_separator: Option<String>,
    #[arg(long, value_name = "N", default_value_t = 8, help = "The rounds of the Firebase project")]
    pub(crate) firebase_rounds: u32,
    #[arg(long, value_name = "N", default_value_t = 14, help = "The mem_cost of the Firebase project")]
    pub(crate) firebase_mem_cost: u32,
}

#[derive(Debug, Args)]
pub(crate) struct ExportUsersArguments {
    /// NDJSON, or CSV for spreadsheets
    #[arg(long, value_enum, default_value_t = UsersFormat::Ndjson)]
    pub(crate) format: UsersFormat,
    /// Where to write it, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UsersFormat {
    Ndjson,
    Csv,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Conflict {
    /// It is passed over
    Skip,
    /// It changes the user; what it does not mention stays
    Update,
    /// It is rejected
    Fail,
}

impl From<Conflict> for OnConflict {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::Skip => Self::Skip,
            Conflict::Update => Self::Update,
            Conflict::Fail => Self::Fail,
        }
    }
}
