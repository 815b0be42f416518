//! Finding the one user whom a command is about.

use std::fmt::Write as _;
use std::sync::Arc;

use application::users::ListUsersCommand;
use domain::query::{DeletedScope, UserFilter};
use domain::user::UserView;
use domain::values::{EmailAddress, UserRef, Username};

use super::Desk;
use super::refusal::{not_listed, not_read};
use crate::arguments::UserName;
use crate::commands::Failure;

/// How many of several are named.
const MOST_NAMED: u32 = 10;

impl Desk {
    /// The user, living or also deleted. A name means whoever has it now, and not those who had it once; if only deleted
    /// users had it, and several, it names none of them.
    pub(super) async fn find(&self, name: &UserName, scope: DeletedScope) -> Result<UserView, Failure> {
        let filter = match name {
            UserName::Ref { user: UserRef::Id(_), .. } if !self.shows_numbers => {
                let why = "users are named by UUID, email address or username here (USER_ID_FORMAT=uuid)";
                return Err(Failure::new(format!("{name} names nobody: {why}")));
            }
            UserName::Ref { user, .. } => {
                let including_deleted = scope != DeletedScope::Live;
                let found = self.users.get(&self.context, *user, including_deleted).await;
                return found.map(Arc::unwrap_or_clone).map_err(|error| not_read(&error, &name.to_string()));
            }
            UserName::Email(email) => UserFilter { email: Some(EmailAddress::key_of(email)), ..Default::default() },
            UserName::Username(username) => {
                UserFilter { username: Some(Username::key_of(username)), ..Default::default() }
            }
        };
        // One after the other: any number of deleted users would come before the living one.
        let scopes: &[_] = match scope {
            DeletedScope::Live => &[DeletedScope::Live],
            DeletedScope::Only => &[DeletedScope::Only],
            DeletedScope::All => &[DeletedScope::Live, DeletedScope::Only],
        };
        for deleted in scopes {
            let found = self.only_one(name, UserFilter { deleted: *deleted, ..filter.clone() }).await?;
            if let Some(user) = found {
                return Ok(user);
            }
        }
        let which = if scope == DeletedScope::Only { "deleted user" } else { "user" };
        Err(Failure::new(format!("there is no {which} with {name}")))
    }

    async fn only_one(&self, name: &UserName, filter: UserFilter) -> Result<Option<UserView>, Failure> {
        let command = ListUsersCommand { filter, limit: MOST_NAMED, ..Default::default() };
        let listing = self.users.list(&self.context, command).await.map_err(|error| not_listed(&error))?;
        let mut found = listing.users;
        if found.len() < 2 {
            return Ok(found.pop());
        }
        let mut ids = found.iter().map(|user| self.id(user)).collect::<Vec<_>>().join(", ");
        let total = listing.total.map_or(0, |total| total.count);
        if let more @ 1.. = total.saturating_sub(found.len() as u64) {
            let _ = write!(ids, ", or one of {more} more that `usermgmt users list --deleted=only` shows");
        }
        Err(Failure::new(format!("several deleted users had {name}; name one of them: {ids}")))
    }

    /// The id that the user is named by.
    pub(super) fn id(&self, user: &UserView) -> String {
        if self.shows_numbers { user.id.to_string() } else { user.uuid.to_string() }
    }
}
