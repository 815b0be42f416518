//! Which users a listing shows.

use chrono::{DateTime, Utc};

use super::Search;
use crate::values::Role;

/// Conditions that a user must all meet.
///
/// Texts are in the form in which they are compared: keys and folded texts, see
/// [`fold`](crate::values::fold), [`Username::key_of`](crate::values::Username::key_of) and
/// [`EmailAddress::key_of`](crate::values::EmailAddress::key_of).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Has this role.
    pub role: Option<Role>,
    /// Is active, or is not.
    pub is_active: Option<bool>,
    /// The username, email, shown full name or last name is found by this.
    pub search: Option<Search>,
    /// Has this username, by key; a deleted user had it.
    pub username: Option<String>,
    /// Has this email address, by key; a deleted user had it.
    pub email: Option<String>,
    /// Has exactly this name in another system.
    pub external_id: Option<String>,
    /// Was made after this moment.
    pub created_after: Option<DateTime<Utc>>,
    /// Was made before this moment.
    pub created_before: Option<DateTime<Utc>>,
    /// Lives, or was deleted.
    pub deleted: DeletedScope,
}

/// Whether to look among the living or the deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum DeletedScope {
    /// Only users who were not deleted.
    #[default]
    Live,
    /// Both.
    All,
    /// Only deleted users.
    Only,
}

/// Conditions by which users are counted at all times, so that a total costs next to nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct StandingFilter {
    /// Has this role.
    pub role: Option<Role>,
    /// Is active, or is not.
    pub is_active: Option<bool>,
    /// Lives, or was deleted.
    pub deleted: DeletedScope,
}

impl UserFilter {
    /// The filter, if it asks for nothing else.
    pub fn standing(&self) -> Option<StandingFilter> {
        let Self { role, is_active, search, username, email, external_id, created_after, created_before, deleted } =
            self;
        let asks_for_more = search.is_some()
            || [username, email, external_id].into_iter().any(Option::is_some)
            || [created_after, created_before].into_iter().any(Option::is_some);
        (!asks_for_more).then_some(StandingFilter { role: *role, is_active: *is_active, deleted: *deleted })
    }

    /// Writes the filter as bytes such that two filters with different results never have the same.
    pub(super) fn write_fingerprint(&self, out: &mut Vec<u8>) {
        let mut field = |value: Option<&[u8]>| match value {
            None => out.push(0),
            Some(bytes) => {
                out.push(1);
                out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
                out.extend_from_slice(bytes);
            }
        };
        let time = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_micros().to_be_bytes());
        field(self.role.map(|role| role.as_str().as_bytes()));
        field(self.is_active.map(|active| if active { &b"1"[..] } else { b"0" }));
        field(self.search.as_ref().map(Search::to_bytes).as_deref());
        field(self.username.as_deref().map(str::as_bytes));
        field(self.email.as_deref().map(str::as_bytes));
        field(self.external_id.as_deref().map(str::as_bytes));
        field(time(self.created_after).as_ref().map(<[u8; 8]>::as_slice));
        field(time(self.created_before).as_ref().map(<[u8; 8]>::as_slice));
        field(match self.deleted {
            DeletedScope::Live => None,
            DeletedScope::All => Some(b"all"),
            DeletedScope::Only => Some(b"only"),
        });
    }
}
