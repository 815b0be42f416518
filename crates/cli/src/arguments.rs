//! The command line.

mod audit;
mod keys;
mod transfer;
mod user_name;
mod users;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

pub(crate) use self::audit::{AuditCommand, ExportArguments, RangeArguments, VerifyArguments};
pub(crate) use self::keys::KeysCommand;
pub(crate) use self::transfer::{ExportUsersArguments, ImportArguments, UsersFormat};
pub(crate) use self::user_name::UserName;
pub(crate) use self::users::{CreateArguments, ListArguments, OneUser, PasswordArguments, UsersCommand};

const EXAMPLES: &str = "\
Examples:
  usermgmt                                              serves the API on http://127.0.0.1:8000
  usermgmt users create --username ann --email ann@example.com --role admin
  usermgmt users list --q ann
  DATABASE_URL=mysql://root@127.0.0.1/usermgmt usermgmt migrate status

Exit codes: 0 fine, 1 failed, 2 wrong usage";

const COMPLETIONS: &str = "\
Examples:
  source <(usermgmt completions bash)                   for this shell
  usermgmt completions zsh > ~/.zfunc/_usermgmt         for good
  usermgmt completions fish > ~/.config/fish/completions/usermgmt.fish";

/// Keeps users, behind any frontend, on the database you already run.
///
/// Settings come from the environment, then .env (not in production), then the file of --config, then defaults; see
/// `usermgmt config show`.
#[derive(Debug, Parser)]
#[command(name = "usermgmt", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A TOML file with settings
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the API (what no command means)
    Serve,
    /// Bring the database's schema up to date, or back
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// Make, list and change users, directly on the database
    #[command(subcommand)]
    Users(UsersCommand),
    /// Check settings, files, the database and what it counts; exit code 1 if anything is wrong
    Doctor {
        /// Correct counters that differ and put back guards that are missing; a service may run meanwhile
        #[arg(long)]
        repair: bool,
        /// Verify the whole audit trail, too: some seconds for each million events
        #[arg(long)]
        full: bool,
        /// Print the report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Verify and export the audit trail
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Change the service's own keys
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Look at the settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the OpenAPI document
    Openapi,
    /// Ask a running service on this machine whether it is ready; for container health checks
    Healthcheck,
    /// Print a script with which a shell completes commands and options
    #[command(after_help = COMPLETIONS)]
    Completions {
        /// Which shell
        shell: Shell,
    },
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum MigrateCommand {
    /// Apply the migrations that are missing
    Up,
    /// Take back the last migrations; what their tables held is lost
    Down {
        /// How many
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// List the migrations and whether each is applied
    Status,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the settings without starting anything
    Check,
    /// Print every setting, its value and where it comes from; secrets are redacted
    Show,
}
