//! Listing and searching users.

use domain::access::Permission;
use domain::ports::StorageError;
use domain::query::{CountMode, DeletedScope, ListUsers, MAX_LIMIT, SortPosition, Total, UserFilter, UserSort, Window};
use domain::user::UserView;

use super::Users;
use crate::RequestContext;

/// Which users to list, in what order, which part.
#[derive(Debug, Clone, Default)]
pub struct ListUsersCommand {
    /// Which users.
    pub filter: UserFilter,
    /// In what order.
    pub sort: UserSort,
    /// From where on.
    pub start: PageStart,
    /// How many at most; more than [`MAX_LIMIT`] is taken as that.
    pub limit: u32,
    /// Whether to count.
    pub count: CountMode,
}

/// Where a page begins.
#[derive(Debug, Clone)]
pub enum PageStart {
    /// After so many users.
    Skip(u64),
    /// Where the page ended that this cursor came with.
    Cursor(String),
}

impl Default for PageStart {
    fn default() -> Self {
        Self::Skip(0)
    }
}

/// A page of users.
#[derive(Debug, Clone)]
pub struct UserListing {
    /// The users, in order.
    pub users: Vec<UserView>,
    /// How many match in all, where it was asked for.
    pub total: Option<Total>,
    /// What to ask with for the next page, if there is one.
    pub next_cursor: Option<String>,
    /// The limit in force.
    pub limit: u32,
}

/// Why users were not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListUsersError {
    /// The actor may not list users, or not deleted ones.
    #[error("listing users is not allowed")]
    Forbidden,
    /// The cursor was not made by this service for this filter and sort.
    #[error("cursor does not fit this listing")]
    InvalidCursor,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Users {
    /// A page of the users that match.
    ///
    /// # Errors
    ///
    /// [`ListUsersError`], by variant.
    pub async fn list(
        &self,
        context: &RequestContext,
        command: ListUsersCommand,
    ) -> Result<UserListing, ListUsersError> {
        let ListUsersCommand { filter, sort, start, limit, count } = command;
        let fingerprint = ListUsers::fingerprint(&filter, sort);
        let window = match start {
            PageStart::Skip(skip) => Window::Skip(skip),
            PageStart::Cursor(cursor) => {
                let position = self.ports.cursors.open(&cursor, &fingerprint);
                let position = position.and_then(|bytes| SortPosition::from_bytes(&bytes, sort.key));
                Window::After(position.ok_or(ListUsersError::InvalidCursor)?)
            }
        };
        let sees_deleted = filter.deleted != DeletedScope::Live;
        if !context.actor.may(Permission::UsersRead) || sees_deleted && !context.actor.may(Permission::UsersDelete) {
            return Err(ListUsersError::Forbidden);
        }
        let limit = limit.min(MAX_LIMIT);
        let page = self.ports.queries.list(&ListUsers { filter, sort, window, limit, count }).await?;
        let next_cursor = page.next.map(|position| self.ports.cursors.seal(&position.to_bytes(), &fingerprint));
        Ok(UserListing { users: page.users, total: page.total, next_cursor, limit })
    }
}
