//! Users as JSON, written straight from the view into the bytes of the answer.

use application::users::UserListing;
use domain::user::UserView;
use user_files::UserNdjson;

use crate::config::UserIdFormat;

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
        let mut out = Vec::with_capacity(usual_size(user));
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
        // Once, for all of it.
        let size =
            listing.users.iter().map(usual_size).sum::<usize>() + listing.next_cursor.as_ref().map_or(0, String::len);
        let mut out = Vec::with_capacity(size + USUAL_SIZE);
        out.extend_from_slice(b"{\"users\":");
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
        out.push(b'[');
        for (index, user) in users.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            self.write(user, out);
        }
        out.push(b']');
    }

    /// One user, behind what is written already.
    pub(super) fn write(self, user: &UserView, out: &mut Vec<u8>) {
        UserNdjson::new(self.id_format.into()).showing_deletion(self.shows_deletion).object(user, out);
    }
}

/// What a user takes unless their names are long.
fn usual_size(user: &UserView) -> usize {
    USUAL_SIZE + user.user_metadata.as_json().len() + user.app_metadata.as_json().len()
}

fn flag(name: &[u8], value: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    out.extend_from_slice(if value { b"true" } else { b"false" });
}
