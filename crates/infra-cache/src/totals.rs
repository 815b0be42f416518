//! How many users there are, kept in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::{AccessChange, Effect};
use domain::ports::{ChangeFollower, ChangeListener, LoggedChange, StorageError, UserQueries};
use domain::query::{CountMode, DeletedScope, ListUsers, StandingFilter, Total, UserPage, Window};
use domain::user::UserView;
use domain::values::{UserId, UserRef, UserUuid};
use tokio::time::Instant;

use crate::counts::Counts;

/// As long as another replica's change may go unseen; also what was changed by hand in the database.
const LIFETIME: Duration = Duration::from_secs(1);

/// Lists users, and remembers for a second how many have a role and a state, so that a page need not ask for it.
///
/// A total counts what this process has changed, always, and what others had a second ago. It is what the database said,
/// never put together from changes, and none that the page beside it contradicts.
pub struct KeptTotals {
    queries: Arc<dyn UserQueries>,
    known: Mutex<Known>,
    counts: Counts,
}

#[derive(Default)]
struct Known {
    totals: HashMap<StandingFilter, (Total, Instant)>,
    /// Grows with everything that may change a total.
    changes: u64,
}

impl std::fmt::Debug for KeptTotals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptTotals").finish_non_exhaustive()
    }
}

impl KeptTotals {
    /// None are known yet.
    pub fn new(queries: Arc<dyn UserQueries>) -> Self {
        Self { queries, known: Mutex::default(), counts: Counts::of("totals") }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self) {
        let mut known = self.known();
        known.changes += 1;
        known.totals.clear();
    }

    fn mark(&self, mut changes: impl Iterator<Item = AccessChange>) {
        if changes.any(|change| change.effect != Effect::Detail) {
            self.forget();
        }
    }

    fn remembered(&self, standing: StandingFilter) -> Option<Total> {
        let kept = self.known().totals.get(&standing).copied();
        kept.filter(|(_, asked_at)| asked_at.elapsed() < LIFETIME).map(|(total, _)| total)
    }

    async fn list_and_count(&self, query: &ListUsers, standing: StandingFilter) -> Result<UserPage, StorageError> {
        // Before the query: what changes from now on may not be counted by it.
        let changes = self.known().changes;
        let asked_at = Instant::now();
        let page = self.queries.list(query).await?;
        let mut known = self.known();
        let is_newer = known.totals.get(&standing).is_none_or(|(_, other)| *other < asked_at);
        if let Some(total) = page.total.filter(|_| known.changes == changes && is_newer) {
            known.totals.insert(standing, (total, asked_at));
        }
        Ok(page)
    }
}

#[async_trait]
impl UserQueries for KeptTotals {
    async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<UserView>, StorageError> {
        self.queries.find(user, scope).await
    }

    async fn list(&self, query: &ListUsers) -> Result<UserPage, StorageError> {
        let standing = query.filter.standing().filter(|_| query.count == CountMode::Exact);
        let Some(standing) = standing else {
            return self.queries.list(query).await;
        };
        if let Some(total) = self.remembered(standing) {
            let page = match query.limit {
                0 => UserPage { users: Vec::new(), total: None, next: None },
                _ => self.queries.list(&ListUsers { count: CountMode::None, ..query.clone() }).await?,
            };
            if !contradicts(query, &page, total) {
                self.counts.hit();
                return Ok(UserPage { total: Some(total), ..page });
            }
        }
        self.counts.miss();
        self.list_and_count(query, standing).await
    }

    async fn export(&self, after: UserId, limit: u32) -> Result<Vec<UserView>, StorageError> {
        self.queries.export(after, limit).await
    }

    async fn suspensions_ended(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError> {
        self.queries.suspensions_ended(now, limit).await
    }
}

/// Whether there cannot be so many, by what the page shows: others changed something meanwhile.
fn contradicts(query: &ListUsers, page: &UserPage, total: Total) -> bool {
    let (shown, more_follow) = (page.users.len() as u64, page.next.is_some());
    match query.window {
        _ if query.limit == 0 => false,
        Window::Skip(skip) if more_follow => total.count <= skip.saturating_add(shown),
        Window::Skip(skip) if shown == 0 => total.count > skip,
        Window::Skip(skip) => total.count != skip.saturating_add(shown),
        Window::After(_) => total.count < shown + u64::from(more_follow),
    }
}

impl ChangeFollower for KeptTotals {
    fn changed(&self, changes: &[LoggedChange], _floor: i64) {
        self.mark(changes.iter().map(|logged| logged.change));
    }

    fn forget_everything(&self) {
        self.forget();
    }

    /// Nothing is kept for longer than may pass without a word.
    fn heard(&self, _ago: Duration) {}
}

impl ChangeListener for KeptTotals {
    fn committed(&self, changes: &[AccessChange]) {
        self.mark(changes.iter().copied());
    }
}

#[cfg(test)]
mod tests;
