//! Users in few bytes: a view takes several times as many, and each of its texts a place of its own.

use chrono::{DateTime, Utc};
use domain::user::UserView;
use domain::values::{Metadata, Role, UserId, UserUuid};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The order of the fields is the format.
#[derive(Serialize, Deserialize)]
struct Packed<'a> {
    id: i64,
    uuid: [u8; 16],
    username: &'a str,
    email: &'a str,
    full_name: Option<&'a str>,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    role: &'a str,
    is_active: bool,
    email_verified: bool,
    external_id: Option<&'a str>,
    locale: Option<&'a str>,
    user_metadata: Option<&'a str>,
    app_metadata: Option<&'a str>,
    suspended_until: Option<i64>,
    created_at: i64,
    updated_at: i64,
    last_login_at: Option<i64>,
    deleted_at: Option<i64>,
    version: i64,
}

/// The user in few bytes. Times are to the microsecond, as they are everywhere.
pub(super) fn pack(view: &UserView) -> Option<Vec<u8>> {
    let UserView { id, uuid, role, is_active, email_verified, version, .. } = *view;
    let micros = |time: Option<DateTime<Utc>>| time.as_ref().map(DateTime::timestamp_micros);
    let packed = Packed {
        id: id.get(),
        uuid: uuid.get().into_bytes(),
        username: &view.username,
        email: &view.email,
        full_name: view.full_name.as_deref(),
        first_name: view.first_name.as_deref(),
        last_name: view.last_name.as_deref(),
        role: role.as_str(),
        is_active,
        email_verified,
        external_id: view.external_id.as_deref(),
        locale: view.locale.as_deref(),
        user_metadata: unless_empty(&view.user_metadata),
        app_metadata: unless_empty(&view.app_metadata),
        suspended_until: micros(view.suspended_until),
        created_at: view.created_at.timestamp_micros(),
        updated_at: view.updated_at.timestamp_micros(),
        last_login_at: micros(view.last_login_at),
        deleted_at: micros(view.deleted_at),
        version,
    };
    postcard::to_allocvec(&packed).ok()
}

/// Who was packed; nobody if these are other bytes.
pub(super) fn unpack(bytes: &[u8]) -> Option<UserView> {
    let (packed, rest) = postcard::take_from_bytes::<Packed<'_>>(bytes).ok()?;
    let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
    let metadata =
        |text: Option<&str>| text.map_or_else(Metadata::empty, |text| Metadata::from_stored(text.to_owned()));
    let view = UserView {
        id: UserId::new(packed.id),
        uuid: UserUuid::new(Uuid::from_bytes(packed.uuid)),
        username: packed.username.to_owned(),
        email: packed.email.to_owned(),
        full_name: owned(packed.full_name),
        first_name: owned(packed.first_name),
        last_name: owned(packed.last_name),
        role: Role::parse(packed.role).ok()?,
        is_active: packed.is_active,
        email_verified: packed.email_verified,
        external_id: owned(packed.external_id),
        locale: owned(packed.locale),
        user_metadata: metadata(packed.user_metadata),
        app_metadata: metadata(packed.app_metadata),
        suspended_until: packed.suspended_until.map(time).transpose().ok()?,
        created_at: time(packed.created_at).ok()?,
        updated_at: time(packed.updated_at).ok()?,
        last_login_at: packed.last_login_at.map(time).transpose().ok()?,
        deleted_at: packed.deleted_at.map(time).transpose().ok()?,
        version: packed.version,
    };
    rest.is_empty().then_some(view)
}

/// Nearly everybody's are empty.
fn unless_empty(metadata: &Metadata) -> Option<&str> {
    (*metadata != Metadata::empty()).then(|| metadata.as_json())
}

struct NoTime;

fn time(micros: i64) -> Result<DateTime<Utc>, NoTime> {
    DateTime::from_timestamp_micros(micros).ok_or(NoTime)
}

#[cfg(test)]
mod tests {
    use testkit::people::view as user;

    use super::super::tests::everything;
    use super::*;

    #[test]
    fn whoever_is_packed_is_unpacked_the_same() {
        for view in [user(1), everything(2)] {
            assert_eq!(unpack(&pack(&view).unwrap()), Some(view));
        }
    }

    #[test]
    fn other_bytes_are_nobody() {
        let packed = pack(&everything(1)).unwrap();
        for length in 0..packed.len() {
            assert_eq!(unpack(&packed[..length]), None);
        }
        assert_eq!(unpack(&[packed, vec![0]].concat()), None);
    }

    #[test]
    fn most_users_take_few_bytes() {
        let length = pack(&user(900_000)).unwrap().len();
        assert!(length < 128, "{length} bytes");
    }
}
