//! `usermgmt doctor`: is everything as it should be, and what to do if it is not.

mod administrators;
mod chain;
mod counts;
mod database;
mod files;
mod keys;
mod peoples_keys;
mod protection;
mod redis;
mod report;

use migration::MigrateError;
use settings::{Loaded, Settings};

use self::report::{Finding, Report};
use super::{Failure, print};
use crate::database::{Database, migration_failed};
use crate::kept_keys::{KEPT_KEYS, KeptKey};
use crate::{compose, logging};

/// What is done beside looking at what is quickly looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thoroughness {
    pub(super) repair: bool,
    pub(super) full: bool,
}

pub(super) fn run(loaded: &Loaded, thoroughness: Thoroughness, as_json: bool) -> Result<(), Failure> {
    logging::start_quietly(loaded)?;
    let settings = &loaded.settings;
    let mut report = Report::default();
    // Whoever gets here has valid settings.
    report.add("settings", Finding::Ok("they are well".to_owned()));
    files::check(settings, &mut report);
    compose::runtime()?.block_on(async {
        report.add("redis", redis::check(settings).await);
        match Database::connect_existing(settings).await {
            Ok(database) => {
                examine(settings, &database, thoroughness, &mut report).await;
                database.close().await;
            }
            Err(failure) => report.add("database", Finding::Problem(failure.to_string())),
        }
    });
    print(&if as_json { report.json() } else { report.table() })?;
    match report.problems() {
        0 => Ok(()),
        1 => Err(Failure::new("1 problem was found")),
        problems => Err(Failure::new(format!("{problems} problems were found"))),
    }
}

async fn examine(settings: &Settings, database: &Database, thoroughness: Thoroughness, report: &mut Report) {
    let Thoroughness { repair, full } = thoroughness;
    let inspection = database.inspection();
    database::check(&*inspection, report).await;
    let schema = match database.migration_status().await {
        Err(failure) => Finding::Problem(failure.to_string()),
        Ok(status) if !status.unknown.is_empty() => {
            Finding::Problem(migration_failed(&MigrateError::Newer { unknown: status.unknown }).to_string())
        }
        Ok(status) if !status.pending.is_empty() => {
            Finding::Problem(format!("{} are missing; run `usermgmt migrate up`", status.pending.join(", ")))
        }
        Ok(status) => Finding::Ok(format!("all {} are applied", status.applied.len())),
    };
    let is_current = matches!(schema, Finding::Ok(_));
    report.add("migrations", schema);
    if is_current {
        // A file that holds no key was reported with the other files.
        for key in KEPT_KEYS.into_iter().filter(|key| !key.is_spoilt(settings)) {
            report.add("key fingerprint", fingerprint(key, settings, database).await);
        }
        peoples_keys::check(settings, database, report).await;
        protection::check(&*inspection, report).await;
        chain::check(settings, database, full, report).await;
        counts::check_guards(&*inspection, repair, report).await;
        counts::check_counts(&*inspection, repair, report).await;
        administrators::check(&*database.queries(), settings.auth_required, report).await;
    }
}

async fn fingerprint(key: KeptKey, settings: &Settings, database: &Database) -> Finding {
    let title = key.title();
    match key.compare(settings, database).await {
        Ok(true) => Finding::Ok(format!("the database was used with this {title}")),
        Ok(false) => Finding::Ok(format!("the database was used with no {title} yet")),
        Err(failure) => Finding::Problem(failure.to_string()),
    }
}
