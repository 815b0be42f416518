//! Reading users, outside any unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StorageError;
use crate::query::{DeletedScope, ListUsers, UserPage};
use crate::user::UserView;
use crate::values::{UserId, UserRef, UserUuid};

/// Reads users. What was committed before the call is seen.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait UserQueries: Send + Sync {
    /// One user.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only; nobody, or somebody outside the scope, is `None`.
    async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<UserView>, StorageError>;

    /// Part of the users that match, in order: exactly `limit` of them unless fewer are left.
    ///
    /// Walking the positions in [`UserPage::next`] shows every user who matches throughout and keeps their sort value
    /// exactly once, whatever comes and goes. Texts are compared by code points. The total is exact, save that one with a
    /// search stops at [`SEARCH_COUNT_CAP`](crate::query::SEARCH_COUNT_CAP). Where totals are kept in memory it is of at most
    /// a second ago and counts all that was committed by this process.
    ///
    /// A search [inside of names](crate::query::Search::Within) may stop looking after a number of users that the storage
    /// chooses, at least 10,000: its page then has fewer than `limit` users, perhaps none, and a `next`, and its total is
    /// capped.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn list(&self, query: &ListUsers) -> Result<UserPage, StorageError>;

    /// Living users whose numbers are greater than `after` (0 for all), by number, at most `limit`: for walking through all
    /// of them quickly.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn export(&self, after: UserId, limit: u32) -> Result<Vec<UserView>, StorageError>;

    /// Living, inactive users whose suspension's end is not after `now`, at most `limit`, those that ended first first.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn suspensions_ended(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError>;
}
