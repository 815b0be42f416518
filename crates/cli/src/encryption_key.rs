//! The encryption key that the database's contents need: with another one nothing is done.

use std::path::PathBuf;

use domain::ports::{Backoff as _, Clock as _, StorageError};
use settings::Settings;

use crate::backoff::FullJitter;
use crate::clock::SystemClock;
use crate::commands::Failure;
use crate::compose;
use crate::database::Database;

/// What the key is called in the database.
const NAME: &str = "encryption_key";

/// Whether the database has been used with the key of the settings; `false` if it was used with none yet.
///
/// Makes no key where one is missing that the database needs, as that would only be another one.
///
/// # Errors
///
/// A line that says what would do, if the database was used with another key.
pub(crate) async fn compare(settings: &Settings, database: &Database) -> Result<bool, Failure> {
    let kept = database.fingerprints().kept(NAME).await.map_err(|error| unknown(&error))?;
    let Some(kept) = kept else { return Ok(false) };
    if settings.encryption_key.is_none() && !file(settings).exists() {
        return Err(differs(settings, &format!("a key, and {} is not there", file(settings).display())));
    }
    if compose::encryption_key(settings)?.fingerprint() != kept {
        return Err(another(settings));
    }
    Ok(true)
}

/// The same for the service, whose key is that of the database from then on. Commands leave nothing behind that needs the
/// key, so what they are called with by mistake is never kept.
///
/// # Errors
///
/// As [`compare`]; of services that begin with different keys at once one goes on.
pub(crate) async fn keep(settings: &Settings, database: &Database) -> Result<(), Failure> {
    if compare(settings, database).await? {
        return Ok(());
    }
    let ours = compose::encryption_key(settings)?.fingerprint();
    let fingerprints = database.fingerprints();
    let mut attempts = FullJitter.start();
    let kept = loop {
        match fingerprints.keep(NAME, ours, SystemClock.now()).await {
            Err(error) if error.is_retryable() && attempts.another().await => {}
            kept => break kept.map_err(|error| unknown(&error))?,
        }
    };
    if kept == ours { Ok(()) } else { Err(another(settings)) }
}

/// Whether the key's file is there and holds no key.
pub(crate) fn is_spoilt(settings: &Settings) -> bool {
    file(settings).exists() && settings.encryption_key().is_err()
}

fn another(settings: &Settings) -> Failure {
    let ours = match &settings.encryption_key {
        Some(_) => "that is set".to_owned(),
        None => format!("in {}", file(settings).display()),
    };
    differs(settings, &format!("another key than the one {ours}"))
}

fn differs(settings: &Settings, with: &str) -> Failure {
    Failure::new(format!(
        "ENCRYPTION_KEY: the database {} was used with {with}, and its contents need the key of then; set ENCRYPTION_KEY to \
         it, or if it was made by the first start, put the encryption.key of that start's DATA_DIR back",
        settings.database_url
    ))
}

fn unknown(error: &StorageError) -> Failure {
    Failure::because("it cannot be told which ENCRYPTION_KEY the database was used with", error)
}

/// Where the key is kept if it is not set.
fn file(settings: &Settings) -> PathBuf {
    settings.data_dir.join("encryption.key")
}
