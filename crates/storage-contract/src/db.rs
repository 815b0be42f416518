//! The database of one case, spoken to in the cases' own words. Whatever fails here fails the case.

use std::sync::Arc;
use std::time::Duration;

use domain::ports::{
    AuditChain, AuditQueries, ChangeLog, KeyFingerprints, Leases, SaveUserError, SessionQueries, Storage, StorageError,
    StorageInspection, StorageProbe, UserQueries,
};
use domain::query::{DeletedScope, ListUsers, UserPage};
use domain::user::{DeletedNames, User, UserView};
use domain::values::UserRef;
use testkit::{FixedClock, UserBuilder};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::harness::Store;
use crate::unit::Unit;

/// The database of one case. Clones are the same database.
#[derive(Clone)]
pub(crate) struct Db {
    store: Arc<dyn Store>,
}

impl Db {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    pub(crate) async fn close(&self) {
        self.store.close().await;
    }

    pub(crate) fn storage(&self) -> Arc<dyn Storage> {
        self.store.ports().storage
    }

    pub(crate) fn queries(&self) -> Arc<dyn UserQueries> {
        self.store.ports().queries
    }

    pub(crate) fn sessions(&self) -> Arc<dyn SessionQueries> {
        self.store.ports().sessions
    }

    pub(crate) fn changes(&self) -> Arc<dyn ChangeLog> {
        self.store.ports().changes
    }

    pub(crate) fn trail(&self) -> Arc<dyn AuditQueries> {
        self.store.ports().trail
    }

    pub(crate) fn chain(&self) -> Arc<dyn AuditChain> {
        self.store.ports().chain
    }

    pub(crate) fn leases(&self) -> Arc<dyn Leases> {
        self.store.ports().leases
    }

    pub(crate) fn fingerprints(&self) -> Arc<dyn KeyFingerprints> {
        self.store.ports().fingerprints
    }

    pub(crate) fn probe(&self) -> Arc<dyn StorageProbe> {
        self.store.ports().probe
    }

    pub(crate) fn inspection(&self) -> Arc<dyn StorageInspection> {
        self.store.ports().inspection
    }

    /// Makes counters and guards wrong; `false` if there are none.
    pub(crate) async fn damage(&self) -> bool {
        for _ in 0..20 {
            // Those who write meanwhile may win, by a deadlock for instance.
            if let Ok(has_damaged) = self.store.damage().await {
                return has_damaged;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.store.damage().await.expect("the harness damages the storage")
    }

    /// Deletes many and moves ids apart, where that can be done, and has everybody counted again.
    pub(crate) async fn scatter(&self) {
        if !self.store.scatter().await.expect("the harness scatters the users") {
            return;
        }
        let inspection = self.inspection();
        for difference in inspection.count_differences().await.expect("users can be counted") {
            inspection.mend_counts(difference.block).await.expect("counters can be mended");
        }
        assert_eq!(inspection.count_differences().await.expect("users can be counted"), []);
    }

    pub(crate) async fn try_begin(&self) -> Result<Unit, StorageError> {
        self.storage().begin().await.map(Unit::new)
    }

    pub(crate) async fn begin(&self) -> Unit {
        self.try_begin().await.expect("a unit of work begins")
    }

    /// A user that is stored and committed.
    pub(crate) async fn add(&self, user: UserBuilder) -> User {
        let mut unit = self.begin().await;
        let user = unit.add(user).await;
        unit.commit().await;
        user
    }

    /// Changes a stored user, living or deleted, and commits.
    pub(crate) async fn change<T>(&self, user: &User, change: impl FnOnce(&mut User) -> T) -> User {
        let mut unit = self.begin().await;
        let user = unit.change(user, change).await;
        unit.commit().await;
        user
    }

    pub(crate) async fn delete(&self, user: &User) -> User {
        self.change(user, |user| user.delete(DeletedNames::Freed, FixedClock::START)).await
    }

    /// The user as a new unit of work loads it, living or deleted.
    pub(crate) async fn load(&self, user: impl Into<UserRef>) -> Option<User> {
        self.begin().await.load(user).await
    }

    /// The user as readers see it, living or deleted.
    pub(crate) async fn view(&self, user: impl Into<UserRef>) -> Option<UserView> {
        self.queries().find(user.into(), DeletedScope::All).await.expect("a user can be read")
    }

    pub(crate) async fn list(&self, query: &ListUsers) -> UserPage {
        self.queries().list(query).await.expect("users can be listed")
    }

    /// Everybody, living or deleted.
    pub(crate) async fn count(&self) -> u64 {
        let mut query = ListUsers::default();
        query.filter.deleted = DeletedScope::All;
        self.list(&query).await.total.expect("counting was asked for").count
    }
}

/// Tries again while another unit of work won, as every use case does.
pub(crate) async fn settle<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, SaveUserError>
where
    F: Future<Output = Result<T, SaveUserError>>,
{
    for pause in 0..200 {
        match attempt().await {
            Err(SaveUserError::Storage(error)) if error.is_retryable() => {
                // Different contenders have different luck, so that they do not stay in step.
                tokio::time::sleep(Duration::from_millis(pause % 7)).await;
            }
            settled => return settled,
        }
    }
    attempt().await
}

/// Lets all tasks go at the same moment and gives back what became of each.
pub(crate) async fn together<F>(tasks: Vec<F>) -> Vec<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let start = Arc::new(Barrier::new(tasks.len()));
    let mut running = JoinSet::new();
    for task in tasks {
        let start = Arc::clone(&start);
        running.spawn(async move {
            start.wait().await;
            task.await
        });
    }
    running.join_all().await
}
