//! Users as JSON, written straight from the view into the bytes of the answer.

use application::users::UserListing;
use chrono::{DateTime, Utc};
use domain::user::UserView;
use domain::values::Metadata;

use crate::config::UserIdFormat;
use crate::rest::rfc3339;

/// What a user usually takes, so that the buffer need not grow.
const USUAL_SIZE: usize = 640;

/// Writes users, for every surface that shows them as JSON: [`UserResponse`](super::schema::UserResponse) says what of
/// them, and [`UserListResponse`](super::schema::UserListResponse) what of a page.
#[derive(Debug, Clone, Copy)]
pub struct UserJson {
    id_format: UserIdFormat,
    shows_deletion: bool,
}

impl UserJson {
    /// Without `deleted_at`.
    pub fn new(id_format: UserIdFormat) -> Self {
        Self { id_format, shows_deletion: false }
    }

    /// With the member `deleted_at`, for whoever asked for deleted users.
    #[must_use]
    pub fn showing_deletion(self, shows_deletion: bool) -> Self {
        Self { shows_deletion, ..self }
    }

    /// One user.
    pub fn one(self, user: &UserView) -> Vec<u8> {
        let metadata = user.user_metadata.as_json().len() + user.app_metadata.as_json().len();
        let mut out = Vec::with_capacity(USUAL_SIZE + metadata);
        self.write(user, &mut out);
        out
    }

    /// One user as they see themself, with what they may do to others.
    pub fn own(self, user: &UserView, must_change_password: bool) -> Vec<u8> {
        let mut out = self.one(user);
        // In place of the brace that ends it.
        out.pop();
        let permissions: Vec<_> = user.role.permissions().iter().map(|permission| permission.as_str()).collect();
        out.extend_from_slice(b",\"permissions\":");
        serde_json::to_writer(&mut out, &permissions).expect("writing text into memory does not fail");
        flag(b",\"must_change_password\":", must_change_password, &mut out);
        out.push(b'}');
        out
    }

    /// A page of users; its number is known if it was asked for by how many to `skip`.
    pub fn page(self, listing: &UserListing, skip: Option<u64>) -> Vec<u8> {
        let mut out = b"{\"users\":".to_vec();
        self.many(&listing.users, &mut out);
        let number = |number: Option<u64>| number.map_or_else(|| "null".to_owned(), |number| number.to_string());
        let page = skip.map(|skip| skip.checked_div(u64::from(listing.limit)).map_or(1, |before| before + 1));
        let capped = if listing.total.is_some_and(|total| total.capped) { ",\"total_capped\":true" } else { "" };
        // Cursors are URL-safe, so there is nothing in them to escape.
        let cursor = listing.next_cursor.as_ref().map_or_else(|| "null".to_owned(), |cursor| format!("\"{cursor}\""));
        let rest = format!(
            ",\"total\":{}{capped},\"page\":{},\"page_size\":{},\"next_cursor\":{cursor}}}",
            number(listing.total.map(|total| total.count)),
            number(page),
            listing.limit,
        );
        out.extend_from_slice(rest.as_bytes());
        out
    }

    fn many(self, users: &[UserView], out: &mut Vec<u8>) {
        out.reserve(users.len() * USUAL_SIZE);
        out.push(b'[');
        for (index, user) in users.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            self.write(user, out);
        }
        out.push(b']');
    }

    fn write(self, user: &UserView, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"id\":");
        match self.id_format {
            UserIdFormat::Integer => out.extend_from_slice(user.id.get().to_string().as_bytes()),
            UserIdFormat::Uuid => uuid(user, out),
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
    let mut buffer = uuid::Uuid::encode_buffer();
    let written = user.uuid.get().as_hyphenated().encode_lower(&mut buffer);
    out.push(b'"');
    out.extend_from_slice(written.as_bytes());
    out.push(b'"');
}

fn text(name: &[u8], value: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    serde_json::to_writer(out, value).expect("writing text into memory does not fail");
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
    rfc3339::write(value, out);
    out.push(b'"');
}

fn null(name: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    out.extend_from_slice(b"null");
}
