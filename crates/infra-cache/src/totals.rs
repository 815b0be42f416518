//! How many users there are, kept in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::AccessChange;
use domain::ports::{ChangeFollower, ChangeListener, LoggedChange, StorageError, UserQueries};
use domain::query::{CountMode, DeletedScope, ListUsers, StandingFilter, Total, UserPage};
use domain::user::UserView;
use domain::values::{UserId, UserRef, UserUuid};
use tokio::time::Instant;

use crate::counts::Counts;

/// As long as another replica's change may go unseen; also what was changed by hand in the database.
const LIFETIME: Duration = Duration::from_secs(1);

/// Lists users, and remembers for a second how many have a role and a state, so that a page need not ask for it.
///
/// A total counts what this process has changed, always, and what others have by a second ago. As exact
/// as the database's when it was asked: it is never put together from changes.
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

    /// Whoever signs in or out changes no total.
    fn mark(&self, mut changes: impl Iterator<Item = AccessChange>) {
        if changes.any(|change| change.session.is_none()) {
            self.forget();
        }
    }

    async fn list_and_count(&self, query: &ListUsers, standing: StandingFilter) -> Result<UserPage, StorageError> {
        // Before the query: what changes from now on may not be counted by it.
        let changes = self.known().changes;
        let asked_at = Instant::now();
        let page = self.queries.list(query).await?;
        let mut known = self.known();
        if let Some(total) = page.total.filter(|_| known.changes == changes) {
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
        let kept = self.known().totals.get(&standing).copied();
        let Some((total, _)) = kept.filter(|(_, asked_at)| asked_at.elapsed() < LIFETIME) else {
            self.counts.miss();
            return self.list_and_count(query, standing).await;
        };
        self.counts.hit();
        let page = self.queries.list(&ListUsers { count: CountMode::None, ..query.clone() }).await?;
        Ok(UserPage { total: Some(total), ..page })
    }

    async fn export(&self, after: UserId, limit: u32) -> Result<Vec<UserView>, StorageError> {
        self.queries.export(after, limit).await
    }

    async fn suspensions_ended(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError> {
        self.queries.suspensions_ended(now, limit).await
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
mod tests {
    use domain::ports::mocks::MockUserQueries;
    use domain::query::UserFilter;
    use domain::values::{Role, SessionId};
    use uuid::Uuid;

    use super::*;

    const SOMEBODY: AccessChange =
        AccessChange { user: Some(UserUuid::new(Uuid::nil())), session: None, is_creation: false };
    const SIGNED_IN: AccessChange = AccessChange { session: Some(SessionId::new(Uuid::nil())), ..SOMEBODY };

    /// Of whom the database says that there are these many, one after another; it is not asked more often.
    fn totals(told: &'static [u64]) -> KeptTotals {
        let mut queries = MockUserQueries::new();
        let mut left = told.iter();
        queries.expect_list().returning(move |query| {
            let count = (query.count == CountMode::Exact).then(|| *left.next().expect("it is not asked again"));
            let total = count.map(|count| Total { count, capped: false });
            Ok(UserPage { users: Vec::new(), total, next: None })
        });
        KeptTotals::new(Arc::new(queries))
    }

    async fn asked(totals: &KeptTotals, filter: UserFilter, count: CountMode) -> Option<u64> {
        let page = totals.list(&ListUsers { filter, count, ..ListUsers::default() }).await.unwrap();
        page.total.map(|total| total.count)
    }

    async fn everybody(totals: &KeptTotals) -> Option<u64> {
        asked(totals, UserFilter::default(), CountMode::Exact).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_total_is_known_for_a_second() {
        let totals = totals(&[3, 5]);
        assert_eq!(everybody(&totals).await, Some(3));
        tokio::time::advance(LIFETIME / 2).await;
        assert_eq!(everybody(&totals).await, Some(3));
        assert_eq!(asked(&totals, UserFilter::default(), CountMode::None).await, None, "nobody asked for it");
        tokio::time::advance(LIFETIME / 2).await;
        assert_eq!(everybody(&totals).await, Some(5));
    }

    #[tokio::test]
    async fn each_role_and_state_has_a_total_of_its_own() {
        let totals = totals(&[3, 2, 1]);
        let active = UserFilter { is_active: Some(true), ..UserFilter::default() };
        let admins = UserFilter { role: Some(Role::Admin), ..active.clone() };
        for _ in 0..2 {
            assert_eq!(everybody(&totals).await, Some(3));
            assert_eq!(asked(&totals, active.clone(), CountMode::Exact).await, Some(2));
            assert_eq!(asked(&totals, admins.clone(), CountMode::Exact).await, Some(1));
        }
    }

    #[tokio::test]
    async fn what_was_changed_is_counted_by_the_next_who_asks() {
        let totals = totals(&[3, 4, 5, 6]);
        assert_eq!(everybody(&totals).await, Some(3));
        totals.committed(&[SIGNED_IN]);
        assert_eq!(everybody(&totals).await, Some(3), "nobody came or went");
        totals.committed(&[SIGNED_IN, SOMEBODY]);
        assert_eq!(everybody(&totals).await, Some(4));
        totals.changed(&[LoggedChange { number: 1, change: SOMEBODY }], 0);
        assert_eq!(everybody(&totals).await, Some(5));
        totals.forget_everything();
        assert_eq!(everybody(&totals).await, Some(6));
    }

    #[tokio::test]
    async fn a_total_that_a_change_may_have_overtaken_is_not_kept() {
        let (mut queries, totals) = (MockUserQueries::new(), Arc::new(std::sync::OnceLock::<KeptTotals>::new()));
        let (mut left, changed) = ([3, 4].into_iter(), Arc::clone(&totals));
        queries.expect_list().times(2).returning(move |_| {
            // Somebody commits after the database has counted.
            let count = left.next().unwrap();
            changed.get().unwrap().committed(&[SOMEBODY]);
            Ok(UserPage { users: Vec::new(), total: Some(Total { count, capped: false }), next: None })
        });
        let totals = totals.get_or_init(|| KeptTotals::new(Arc::new(queries)));
        assert_eq!(everybody(totals).await, Some(3));
        assert_eq!(everybody(totals).await, Some(4));
    }

    #[tokio::test]
    async fn what_is_searched_for_is_counted_each_time() {
        let totals = totals(&[3, 4]);
        let named = UserFilter { username: Some("ann".into()), ..UserFilter::default() };
        assert_eq!(asked(&totals, named.clone(), CountMode::Exact).await, Some(3));
        assert_eq!(asked(&totals, named, CountMode::Exact).await, Some(4));
    }
}
