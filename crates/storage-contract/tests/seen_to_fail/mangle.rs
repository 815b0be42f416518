//! What a fault makes of the values that are stored.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ports::{SaveUserError, StorageError, StorageFault};
use domain::user::UserRecord;
use domain::values::{ExternalId, Metadata, PasswordHash, PersonName, Username, fold};

use crate::broken::Broken;
use crate::fault::Fault;

/// Refuses what a right storage takes.
pub(crate) async fn refuses(
    storage: &Broken,
    record: Option<&UserRecord>,
) -> Result<Option<SaveUserError>, StorageError> {
    let Some(record) = record else { return Ok(None) };
    let others: Vec<_> = storage.everybody().await?.into_iter().filter(|other| other.uuid != record.uuid).collect();
    let external_id = record.external_id.as_ref().map(ExternalId::as_str);
    let failed = |why: &str| Some(StorageError::new(StorageFault::Failed, why).into());
    let like = |one: &str, other: &str| fold(one).trim_end() == fold(other).trim_end();
    Ok(match storage.fault {
        Some(Fault::ComparesLikeACollation) => {
            let mut living = others.iter().filter(|other| other.deleted_at.is_none());
            if living.clone().any(|other| like(&other.username, record.username.as_str())) {
                Some(SaveUserError::UsernameTaken)
            } else if living.clone().any(|other| like(&other.email, record.email.as_str())) {
                Some(SaveUserError::EmailTaken)
            } else {
                let same = |id: &str| external_id.is_some_and(|external_id| like(id, external_id));
                living
                    .any(|other| other.external_id.as_deref().is_some_and(same))
                    .then_some(SaveUserError::ExternalIdTaken)
            }
        }
        Some(Fault::MissingExternalIdsConflict) => {
            let another = others.iter().any(|other| other.external_id.is_none());
            (another && external_id.is_none()).then_some(SaveUserError::ExternalIdTaken)
        }
        Some(Fault::RefusesLongFoldedNames) => {
            let folded = record.displayed_full_name().map_or(0, |name| fold(&name).len());
            if folded > 1_020 { failed("data too long for column full_name_folded") } else { None }
        }
        Some(Fault::RefusesLargeMetadata) if record.user_metadata.as_json().len() > 8_192 => {
            failed("data too long for column user_metadata")
        }
        Some(Fault::KeepsTheOldNames) => {
            let mut taken = storage.remembered();
            let key = record.username.key();
            let holder = *taken.usernames.entry(key).or_insert(record.uuid);
            (holder != record.uuid).then_some(SaveUserError::UsernameTaken)
        }
        _ => None,
    })
}

/// Changes what is stored.
pub(crate) fn mangle(fault: Option<Fault>, record: &mut UserRecord) {
    match fault {
        Some(Fault::CutsTimesToMilliseconds) => {
            let cut = |at: DateTime<Utc>| DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at);
            record.created_at = cut(record.created_at);
            record.updated_at = cut(record.updated_at);
        }
        Some(Fault::LosesTimesAfter2038) => {
            record.suspended_until = record.suspended_until.filter(|at| at.timestamp() <= i64::from(i32::MAX));
        }
        Some(Fault::TrimsTexts) => {
            record.username = Username::from_stored(record.username.as_str().trim_end().to_owned());
            record.full_name = record.full_name.take().map(|name| name_of(name.as_str().trim_end()));
        }
        Some(Fault::StoresEmptyTextsAsMissing) => {
            record.first_name = record.first_name.take().filter(|name| !name.as_str().is_empty());
        }
        Some(Fault::StoresMissingTextsAsEmpty) => {
            record.last_name = Some(record.last_name.take().unwrap_or_else(|| name_of("")));
        }
        Some(Fault::CutsLongTexts) => {
            let short: String = record.username.as_str().chars().take(15).collect();
            record.username = Username::from_stored(short);
        }
        Some(Fault::ReadsNumbersAsDoubles) => {
            let json = record.user_metadata.as_json().replace("9007199254740993", "9007199254740992");
            record.user_metadata = Metadata::from_stored(json);
        }
        Some(Fault::LowercasesHashes) => {
            record.password_hash = PasswordHash::from_stored(record.password_hash.expose().to_lowercase());
        }
        Some(Fault::NeverFreesNames) => record.holds_names = true,
        Some(Fault::FreesReservedNames) => record.holds_names = record.deleted_at.is_none(),
        Some(Fault::FreesExternalIdsOnDeletion) if record.deleted_at.is_some() => record.external_id = None,
        _ => {}
    }
}

/// Changes what is stored in the place of something else.
pub(crate) fn mangle_update(fault: Option<Fault>, before: &UserRecord, record: &mut UserRecord) {
    match fault {
        Some(Fault::ForgetsToClear) => {
            record.full_name = record.full_name.take().or_else(|| before.full_name.clone());
        }
        Some(Fault::ForgetsAField) => record.auth_epoch = before.auth_epoch,
        Some(Fault::RestoringTakesNoNames) if before.deleted_at.is_some() => record.holds_names = false,
        // Any other difference keeps the version where it was: see `update`.
        Some(Fault::KeepsTheOldVersion) => record.updated_at += TimeDelta::microseconds(1),
        _ => {}
    }
}

fn name_of(text: &str) -> PersonName {
    PersonName::from_stored(text.to_owned())
}
