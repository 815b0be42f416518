//! The arguments of `usermgmt audit`.

use std::path::PathBuf;

use application::audit::ExportFormat;
use clap::{Args, Subcommand, ValueEnum};

const VERIFY: &str = "\
Examples:
  usermgmt audit verify                                 the whole trail in the database
  usermgmt audit verify --from 1000 --to 2000           a part, up to the next checkpoint behind it
  usermgmt audit verify --file audit.ndjson --public-key 3b6a27bc…
                                                        an exported file, without any database

Exit codes: 0 nothing was changed, 1 something was, or it could not be told";

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check that nobody has changed, removed, inserted or reordered anything
    #[command(after_help = VERIFY)]
    Verify(VerifyArguments),
    /// Write the trail out, in the order of the chain
    Export(ExportArguments),
    /// Print the key with which auditors check the signatures
    PublicKey,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    #[command(flatten)]
    pub(crate) range: RangeArguments,
    /// An exported NDJSON file, or - for standard input, instead of the database
    #[arg(long, value_name = "FILE", requires = "public_key", conflicts_with_all = ["from", "to"])]
    pub(crate) file: Option<PathBuf>,
    /// A key that may have signed the file, in hexadecimal digits or base64; several after a change of keys
    #[arg(long, value_name = "KEY", requires = "file")]
    pub(crate) public_key: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// NDJSON, which can be verified, or CSV for reading
    #[arg(long, value_enum, default_value_t = AuditFormat::Ndjson)]
    pub(crate) format: AuditFormat,
    #[command(flatten)]
    pub(crate) range: RangeArguments,
    /// Where to write it, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct RangeArguments {
    /// The first position
    #[arg(long, value_name = "POSITION", value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) from: Option<i64>,
    /// The last position
    #[arg(long, value_name = "POSITION", value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) to: Option<i64>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum AuditFormat {
    Ndjson,
    Csv,
}

impl From<AuditFormat> for ExportFormat {
    fn from(format: AuditFormat) -> Self {
        match format {
            AuditFormat::Ndjson => Self::Ndjson,
            AuditFormat::Csv => Self::Csv,
        }
    }
}
