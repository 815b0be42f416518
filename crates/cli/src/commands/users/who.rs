//! Finding the one user whom a command is about.

use application::users::ListUsersCommand;
use domain::query::{CountMode, DeletedScope, UserFilter};
use domain::user::UserView;
use domain::values::{EmailAddress, UserRef, Username};

use super::Desk;
use super::refusal::{not_listed, not_read};
use crate::arguments::UserName;
use crate::commands::Failure;

/// How many of several are named.
const MOST_NAMED: u32 = 10;

impl Desk {
    /// The user, living or also deleted. A name that several deleted users had names none of them.
    pub(super) async fn find(&self, name: &UserName, scope: DeletedScope) -> Result<UserView, Failure> {
        let filter = match name {
            UserName::Ref(UserRef::Id(_)) if !self.shows_numbers => {
                let why = "users are named by UUID, email address or username here (USER_ID_FORMAT=uuid)";
                return Err(Failure::new(format!("{name} names nobody: {why}")));
            }
            UserName::Ref(user) => {
                let including_deleted = scope != DeletedScope::Live;
                let found = self.users.get(&self.context, *user, including_deleted).await;
                return found.map_err(|error| not_read(&error, &name.to_string()));
            }
            UserName::Email(email) => UserFilter { email: Some(EmailAddress::key_of(email)), ..Default::default() },
            UserName::Username(username) => {
                UserFilter { username: Some(Username::key_of(username)), ..Default::default() }
            }
        };
        self.only_one(name, UserFilter { deleted: scope, ..filter }).await
    }

    async fn only_one(&self, name: &UserName, filter: UserFilter) -> Result<UserView, Failure> {
        let is_deleted = filter.deleted == DeletedScope::Only;
        let command = ListUsersCommand { filter, limit: MOST_NAMED, count: CountMode::None, ..Default::default() };
        let listing = self.users.list(&self.context, command).await.map_err(|error| not_listed(&error))?;
        let mut found = listing.users;
        // Whoever has the name now is meant, and not those who had it once.
        if let Some(living) = found.iter().position(|user| user.deleted_at.is_none()) {
            return Ok(found.swap_remove(living));
        }
        let which = if is_deleted { "deleted user" } else { "user" };
        match (found.pop(), found.as_slice()) {
            (None, _) => Err(Failure::new(format!("there is no {which} with {name}"))),
            (Some(user), []) => Ok(user),
            (Some(last), others) => {
                let ids: Vec<_> = others.iter().chain([&last]).map(|user| self.id(user)).collect();
                Err(Failure::new(format!("several deleted users had {name}; name one of them: {}", ids.join(", "))))
            }
        }
    }

    /// The id that the user is named by.
    pub(super) fn id(&self, user: &UserView) -> String {
        if self.shows_numbers { user.id.to_string() } else { user.uuid.to_string() }
    }
}
