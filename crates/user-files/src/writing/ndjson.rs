//! Users as NDJSON: in each line, a user as single users are answered.

use chrono::{DateTime, Utc};
use domain::user::UserView;
use domain::values::Metadata;

use super::{IdFormat, write_number, write_time, write_uuid};

/// Writes users as JSON, each in a line of its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserNdjson {
    id_format: IdFormat,
    shows_deletion: bool,
}

impl UserNdjson {
    /// Without `deleted_at`.
    pub fn new(id_format: IdFormat) -> Self {
        Self { id_format, shows_deletion: false }
    }

    /// With the member `deleted_at`, for whoever asked for deleted users.
    #[must_use]
    pub fn showing_deletion(self, shows_deletion: bool) -> Self {
        Self { shows_deletion, ..self }
    }

    /// Appends a user's line.
    pub fn row(self, user: &UserView, out: &mut Vec<u8>) {
        self.object(user, out);
        out.push(b'\n');
    }

    /// Appends a user's object, without the end of its line.
    pub fn object(self, user: &UserView, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"id\":");
        match self.id_format {
            IdFormat::Integer => write_number(user, out),
            IdFormat::Uuid => uuid(user, out),
        }
        out.extend_from_slice(b",\"uuid\":");
        uuid(user, out);
        text(b",\"username\":", &user.username, out);
        text(b",\"email\":", &user.email, out);
        optional(b",\"full_name\":", user.displayed_full_name().as_deref(), out);
        optional(b",\"first_name\":", user.first_name.as_deref(), out);
        optional(b",\"last_name\":", user.last_name.as_deref(), out);
        text(b",\"role\":", user.role.as_str(), out);
        flag(b",\"is_active\":", user.is_active, out);
        flag(b",\"email_verified\":", user.email_verified, out);
        optional(b",\"external_id\":", user.external_id.as_deref(), out);
        optional(b",\"locale\":", user.locale.as_deref(), out);
        object(b",\"user_metadata\":", &user.user_metadata, out);
        object(b",\"app_metadata\":", &user.app_metadata, out);
        time(b",\"suspended_until\":", user.suspended_until, out);
        time(b",\"created_at\":", Some(user.created_at), out);
        time(b",\"updated_at\":", Some(user.updated_at), out);
        time(b",\"last_login_at\":", user.last_login_at, out);
        if self.shows_deletion {
            time(b",\"deleted_at\":", user.deleted_at, out);
        }
        out.push(b'}');
    }
}

fn uuid(user: &UserView, out: &mut Vec<u8>) {
    out.push(b'"');
    write_uuid(user, out);
    out.push(b'"');
}

/// Appends a text as JSON.
pub(super) fn write_text(value: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, value).expect("writing text into memory does not fail");
}

fn text(name: &[u8], value: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    write_text(value, out);
}

fn optional(name: &[u8], value: Option<&str>, out: &mut Vec<u8>) {
    match value {
        Some(value) => text(name, value, out),
        None => null(name, out),
    }
}

fn flag(name: &[u8], value: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

/// Metadata are JSON already.
fn object(name: &[u8], value: &Metadata, out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    out.extend_from_slice(value.as_json().as_bytes());
}

fn time(name: &[u8], value: Option<DateTime<Utc>>, out: &mut Vec<u8>) {
    let Some(value) = value else { return null(name, out) };
    out.extend_from_slice(name);
    out.push(b'"');
    write_time(value, out);
    out.push(b'"');
}

fn null(name: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    out.extend_from_slice(b"null");
}

#[cfg(test)]
mod tests {
    use super::super::fixture::ann;
    use super::*;

    #[test]
    fn a_line_is_a_user_as_it_is_answered() {
        let mut out = Vec::new();
        UserNdjson::default().row(&ann(), &mut out);
        let expected = concat!(
            r#"{"id":42,"uuid":"00000000-0000-0000-0000-000000000007","username":"ann","email":"ann@example.org","#,
            r#""full_name":"Ann Lee, \"the\" one","first_name":"Ann","last_name":"Lee, \"the\" one","role":"moderator","#,
            r#""is_active":true,"email_verified":false,"external_id":"=1+1","locale":null,"user_metadata":{"a":1},"#,
            r#""app_metadata":{},"suspended_until":null,"created_at":"2026-09-21T14:13:20.000001Z","#,
            r#""updated_at":"2026-09-21T14:13:20.000001Z","last_login_at":null}"#,
            "\n",
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn numbers_and_deletions_are_shown_to_whom_they_may() {
        let mut out = Vec::new();
        UserNdjson::new(IdFormat::Uuid).showing_deletion(true).row(&ann(), &mut out);
        let user: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(user["id"], user["uuid"]);
        assert_eq!(user["deleted_at"], user["created_at"]);
    }
}
