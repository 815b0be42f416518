//! Writing: users as the export shows them, and what an import refused.

mod csv;
mod ndjson;
mod rejected;
mod time;

pub use csv::UserCsv;
pub use ndjson::UserNdjson;
pub use rejected::RejectedRows;
pub use time::write_time;

use domain::user::UserView;

/// What stands in `id`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IdFormat {
    /// The number of the database.
    #[default]
    Integer,
    /// The UUID, where the service hides numbers.
    Uuid,
}

/// Appends the user's number.
fn write_number(user: &UserView, out: &mut Vec<u8>) {
    out.extend_from_slice(user.id.get().to_string().as_bytes());
}

/// Appends the user's UUID.
fn write_uuid(user: &UserView, out: &mut Vec<u8>) {
    let mut buffer = uuid::Uuid::encode_buffer();
    let written = user.uuid.get().as_hyphenated().encode_lower(&mut buffer);
    out.extend_from_slice(written.as_bytes());
}

#[cfg(test)]
mod fixture {
    use chrono::DateTime;
    use domain::user::UserView;
    use domain::values::{Metadata, Role, UserId, UserUuid};
    use uuid::Uuid;

    pub(super) fn ann() -> UserView {
        let time = DateTime::from_timestamp_micros(1_790_000_000_000_001).unwrap();
        UserView {
            id: UserId::new(42),
            uuid: UserUuid::new(Uuid::from_u128(7)),
            username: "ann".to_owned(),
            email: "ann@example.org".to_owned(),
            full_name: None,
            first_name: Some("Ann".to_owned()),
            last_name: Some("Lee, \"the\" one".to_owned()),
            role: Role::Moderator,
            is_active: true,
            email_verified: false,
            external_id: Some("=1+1".to_owned()),
            locale: None,
            user_metadata: Metadata::from_stored(r#"{"a":1}"#.to_owned()),
            app_metadata: Metadata::empty(),
            suspended_until: None,
            created_at: time,
            updated_at: time,
            last_login_at: None,
            deleted_at: Some(time),
            version: 3,
        }
    }
}
