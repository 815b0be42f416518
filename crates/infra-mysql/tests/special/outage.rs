//! A server that goes away, and a network that falls silent.

use std::time::Duration;

use domain::ports::{Storage, StorageFault, StorageProbe, UserQueries};
use domain::query::{DeletedScope, ListUsers};
use domain::values::{UserId, UserRef};
use infra_mysql::{MySqlSettings, MySqlStorage};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};
use storage_contract::Wire;
use tokio::time::{Instant, sleep};

use crate::Fixture;

async fn through(fixture: &Fixture, pool_size: u32) -> (Wire, MySqlStorage) {
    let wire = Wire::to(fixture.schema.address()).await.unwrap();
    let settings = MySqlSettings { pool_size, ..fixture.schema.settings_through(wire.address()) };
    let storage = MySqlStorage::connect(&settings).await.unwrap();
    storage.migrate_up().await.unwrap();
    (wire, storage)
}

pub(crate) async fn after_a_silent_network_a_new_pool_answers(fixture: &Fixture) {
    let (wire, storage) = through(fixture, 2).await;
    wire.set_silent(true);
    for _ in 0..2 {
        let (first, second, third) = tokio::join!(storage.probe(), storage.probe(), storage.begin());
        assert_eq!(first.unwrap_err().fault(), StorageFault::Unavailable);
        assert_eq!(second.unwrap_err().fault(), StorageFault::Unavailable);
        assert_eq!(third.err().map(|error| error.fault()), Some(StorageFault::Unavailable));
    }
    wire.set_silent(false);
    sleep(Duration::from_secs(2)).await;
    let start = Instant::now();
    for _ in 0..4 {
        storage.probe().await.unwrap();
        storage.begin().await.unwrap();
    }
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

pub(crate) async fn a_connection_that_the_server_dropped_is_not_the_callers_error(fixture: &Fixture) {
    let storage = fixture.migrated().await;
    let list = ListUsers { limit: 1, ..ListUsers::default() };
    for pause in [0, 600] {
        // Every connection of the pool is used once, so that there are several to drop.
        let (a, b, c) = tokio::join!(storage.list(&list), storage.list(&list), storage.list(&list));
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        let own = MySqlStorage::connect(&fixture.schema.settings()).await.unwrap();
        let killed = fixture.schema.kill_connections(&own.inner().pools().writer).await.unwrap();
        assert!(killed > 0, "there is a connection to drop");
        sleep(Duration::from_millis(pause)).await;
        storage.list(&list).await.unwrap();
        storage.begin().await.unwrap();
    }
}

pub(crate) async fn a_commit_without_an_answer_has_an_unknown_outcome(fixture: &Fixture) {
    let (wire, storage) = through(fixture, 1).await;
    let mut unit = storage.begin().await.unwrap();
    unit.users().count_administrators_exclusively().await.unwrap();
    wire.set_silent(true);
    #[expect(clippy::disallowed_methods, reason = "the test is of the port itself, not of a use case")]
    let error = unit.commit().await.unwrap_err();
    assert_eq!(error.fault(), StorageFault::UnknownOutcome);
}

pub(crate) async fn a_silent_network_does_not_hold_up_a_shutdown(fixture: &Fixture) {
    let (wire, storage) = through(fixture, 2).await;
    wire.set_silent(true);
    assert_eq!(storage.probe().await.unwrap_err().fault(), StorageFault::Unavailable);
    let start = Instant::now();
    storage.close().await;
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

pub(crate) async fn a_table_that_is_locked_for_long_makes_no_connections(fixture: &Fixture) {
    let (storage, admin) = small_pool(fixture).await;
    let own = admin.begin().await.unwrap();
    own.execute_unprepared("LOCK TABLES users WRITE").await.unwrap();
    for _ in 0..3 {
        assert!(all_at_once(&storage).await.into_iter().all(|fault| fault != StorageFault::Failed));
    }
    let most = connections(fixture, &admin).await;
    own.execute_unprepared("UNLOCK TABLES").await.unwrap();
    assert!(most <= POOL + 2, "two are the test's: {most}");
    storage.list(&ListUsers { limit: 1, ..ListUsers::default() }).await.unwrap();
}

pub(crate) async fn a_server_that_is_slow_for_long_gets_no_more_than_twice_the_connections(fixture: &Fixture) {
    let (storage, admin) = small_pool(fixture).await;
    admin.execute_unprepared("RENAME TABLE users TO crowd").await.unwrap();
    let slow = "CREATE VIEW users AS SELECT crowd.* FROM crowd JOIN (SELECT SLEEP(60)) AS sleep";
    admin.execute_unprepared(slow).await.unwrap();
    let start = Instant::now();
    let mut most = 0;
    while start.elapsed() < Duration::from_secs(16) {
        assert!(all_at_once(&storage).await.into_iter().all(|fault| fault == StorageFault::Unavailable));
        most = most.max(connections(fixture, &admin).await);
    }
    assert!(most > POOL + 2, "the pool was replaced: {most}");
    assert!(most <= 2 * POOL + 2, "two are the test's: {most}");
}

const POOL: usize = 3;

async fn small_pool(fixture: &Fixture) -> (MySqlStorage, DatabaseConnection) {
    fixture.migrated().await.close().await;
    let settings = MySqlSettings { pool_size: 3, ..fixture.schema.settings() };
    let admin = fixture.connect().await.inner().pools().writer;
    (MySqlStorage::connect(&settings).await.unwrap(), admin)
}

/// What is wrong with reads, each of which fails.
async fn all_at_once(storage: &MySqlStorage) -> [StorageFault; 4] {
    let one = async || {
        let found = storage.find(UserRef::Id(UserId::new(1)), DeletedScope::Live).await;
        found.unwrap_err().fault()
    };
    tokio::join!(one(), one(), one(), one()).into()
}

pub(crate) async fn an_exhausted_pool_is_not_replaced(fixture: &Fixture) {
    fixture.migrated().await.close().await;
    let settings = MySqlSettings { pool_size: 1, ..fixture.schema.settings() };
    let storage = MySqlStorage::connect(&settings).await.unwrap();
    let admin = MySqlStorage::connect(&MySqlSettings { pool_size: 1, ..fixture.schema.settings() }).await.unwrap();
    let admin = admin.inner().pools().writer;
    let before = connections(fixture, &admin).await;
    let _unit = storage.begin().await.unwrap();
    let error = storage.probe().await.unwrap_err();
    assert_eq!(error.fault(), StorageFault::Unavailable);
    sleep(Duration::from_millis(500)).await;
    assert_eq!(connections(fixture, &admin).await, before);
}

async fn connections(fixture: &Fixture, admin: &DatabaseConnection) -> usize {
    let sql = format!("SELECT COUNT(*) AS n FROM information_schema.processlist WHERE db = '{}'", fixture.schema.name);
    let count = Statement::from_string(admin.get_database_backend(), sql);
    let row = admin.query_one_raw(count).await.unwrap().expect("a count is a row");
    usize::try_from(row.try_get::<i64>("", "n").unwrap()).unwrap()
}
