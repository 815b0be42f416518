//! Whether everybody's key can be opened, and by which encryption key.

use domain::ports::{StorageError, SubjectSealer};
use settings::Settings;

use super::report::{Finding, Report};
use crate::commands::causes;
use crate::compose::EncryptionKeys;
use crate::database::Database;
use crate::kept_keys::{KeptKey, STILL_WRAPPED};

/// How many keys are read at once.
const PAGE: u32 = 1_000;

/// No encryption key has this name, so that every key is wrapped otherwise.
const NONE: &str = "";

#[derive(Default)]
struct Counts {
    all: u64,
    /// Wrapped by an encryption key before the present one.
    earlier: u64,
    unreadable: u64,
}

/// Looks at every key; says nothing where there is no encryption key to do so with, or another than the database knows:
/// these are other findings.
pub(super) async fn check(settings: &Settings, database: &Database, report: &mut Report) {
    let key = KeptKey::Encryption;
    let is_there = key.is_set(settings) || key.file(settings).exists();
    if !is_there || key.compare(settings, database).await.is_err() {
        return;
    }
    let Ok(keys) = EncryptionKeys::of(settings) else { return };
    report.add("people's keys", match count(&keys.subjects(), database).await {
        Err(error) => Finding::Problem(causes(&error)),
        Ok(Counts { all, unreadable, .. }) if unreadable > 0 => {
            Finding::Problem(format!("{unreadable} of {all} cannot be opened: {STILL_WRAPPED}"))
        }
        Ok(Counts { all, earlier, .. }) if earlier > 0 => Finding::Warning(format!(
            "{earlier} of {all} are wrapped by a key of ENCRYPTION_KEY_PREVIOUS; the service wraps them anew, or run \
             `usermgmt keys rotate`"
        )),
        Ok(Counts { all, .. }) => Finding::Ok(format!("{all}, wrapped by this encryption key")),
    });
}

async fn count(sealer: &dyn SubjectSealer, database: &Database) -> Result<Counts, StorageError> {
    let (mut counts, mut after) = (Counts::default(), None);
    loop {
        let mut unit = database.storage().begin().await?;
        let keys = unit.subject_keys().find_wrapped_otherwise(NONE, after, PAGE).await?;
        for (person, wrapped) in &keys {
            counts.all += 1;
            counts.earlier += u64::from(!sealer.is_current(wrapped));
            counts.unreadable += u64::from(sealer.unwrap(*person, wrapped).is_none());
        }
        after = keys.last().map(|(person, _)| *person);
        if keys.len() < PAGE as usize {
            return Ok(counts);
        }
    }
}
