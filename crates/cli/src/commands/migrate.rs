//! `usermgmt migrate`: bring the database's schema up to date, or back.

use std::fmt::Write as _;

use settings::Settings;

use super::{Failure, print};
use crate::arguments::MigrateCommand;
use crate::audit_protection::AuditProtection;
use crate::database::Database;
use crate::{compose, logging};

pub(super) fn run(settings: &Settings, command: MigrateCommand) -> Result<(), Failure> {
    logging::start(settings)?;
    compose::runtime()?.block_on(async {
        let database = Database::connect(settings).await?;
        let text = match command {
            MigrateCommand::Up => {
                let names = database.migrate_up().await?;
                AuditProtection::of(&database).look().await;
                list("applied", "nothing to apply", &names)
            }
            MigrateCommand::Down { steps } => {
                let mut names = database.migrate_down(steps).await?;
                // As it was done, the last first.
                names.reverse();
                list("took back", "nothing to take back", &names)
            }
            MigrateCommand::Status => {
                let status = database.migration_status().await?;
                let nothing =
                    if status.pending.is_empty() && status.unknown.is_empty() { "nothing to migrate" } else { "" };
                list("applied", nothing, &status.applied)
                    + &list("pending", "", &status.pending)
                    + &list("unknown to this program", "", &status.unknown)
            }
        };
        database.close().await;
        print(&text)
    })
}

fn list(what: &str, nothing: &str, names: &[String]) -> String {
    if names.is_empty() && !nothing.is_empty() {
        return format!("{nothing}\n");
    }
    names.iter().fold(String::new(), |mut text, name| {
        let _ = writeln!(text, "{what}: {name}");
        text
    })
}
