//! A server that goes away, and a network that falls silent.

use std::time::Duration;

use domain::ports::{Storage, StorageFault, StorageProbe, UserQueries};
use domain::query::{DeletedScope, ListUsers};
use domain::values::UserId;
use infra_postgres::{PostgresSettings, PostgresStorage};
use sea_orm::{ConnectionTrait, TransactionTrait};
use storage_contract::Wire;
use tokio::time::{Instant, sleep};

use crate::Fixture;

async fn through(fixture: &Fixture, pool_size: u32) -> (Wire, PostgresStorage) {
    let wire = Wire::to(fixture.schema.address()).await.unwrap();
    let settings = PostgresSettings { pool_size, ..fixture.schema.settings_through(wire.address()) };
    let storage = PostgresStorage::connect(&settings).await.unwrap();
    storage.migrate_up().await.unwrap();
    (wire, storage)
}

pub(crate) async fn after_a_silent_network_a_new_pool_answers(fixture: &Fixture) {
    let (wire, storage) = through(fixture, 2).await;
    wire.set_silent(true);
    for _ in 0..2 {
        let (first, second) = tokio::join!(storage.probe(), storage.begin());
        assert_eq!(first.unwrap_err().fault(), StorageFault::Unavailable);
        assert_eq!(second.err().map(|error| error.fault()), Some(StorageFault::Unavailable));
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
    let admin = fixture.connect().await.inner().pools().writer;
    let list = ListUsers { limit: 1, ..ListUsers::default() };
    for pause in [0, 600] {
        // Several connections of the pool are used, so that there are several to drop.
        let (a, b, c) = tokio::join!(storage.list(&list), storage.list(&list), storage.list(&list));
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        assert!(admin.execute_unprepared(KILL).await.unwrap().rows_affected() > 0, "there is a connection to drop");
        sleep(Duration::from_millis(pause)).await;
        storage.list(&list).await.unwrap();
        storage.begin().await.unwrap();
    }
}

/// Ends every connection to the database but this one, as a server does with idle ones.
const KILL: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";

pub(crate) async fn a_table_that_changes_meanwhile_is_not_the_callers_error(fixture: &Fixture) {
    let storage = fixture.migrated().await;
    let admin = fixture.connect().await.inner().pools().writer;
    let list = ListUsers { limit: 1, ..ListUsers::default() };
    let one = || storage.find(UserId::new(1).into(), DeletedScope::Live);
    let mut unit = storage.begin().await.unwrap();
    unit.users().find(UserId::new(1).into()).await.unwrap();
    drop(unit);
    // Several connections have prepared their statements.
    let (a, b, c) = tokio::join!(one(), one(), storage.list(&list));
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    admin.execute_unprepared("ALTER TABLE users ALTER COLUMN locale TYPE VARCHAR(41)").await.unwrap();
    for _ in 0..8 {
        let (a, b, c) = tokio::join!(one(), one(), storage.list(&list));
        assert!(a.is_ok() && b.is_ok() && c.is_ok(), "{a:?} {b:?} {c:?}");
    }
    let mut unit = storage.begin().await.unwrap();
    unit.users().find(UserId::new(1).into()).await.unwrap();
}

pub(crate) async fn a_unit_that_meets_a_changed_table_can_be_tried_again(fixture: &Fixture) {
    let settings = PostgresSettings { pool_size: 1, ..fixture.schema.settings() };
    fixture.migrated().await.close().await;
    let storage = PostgresStorage::connect(&settings).await.unwrap();
    let look = async || storage.begin().await?.users().find(UserId::new(1).into()).await;
    look().await.unwrap();
    let admin = fixture.connect().await.inner().pools().writer;
    admin.execute_unprepared("ALTER TABLE users ALTER COLUMN locale TYPE VARCHAR(42)").await.unwrap();
    assert_eq!(look().await.unwrap_err().fault(), StorageFault::Retryable);
    sleep(Duration::from_secs(1)).await;
    look().await.unwrap();
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

pub(crate) async fn a_table_that_is_locked_makes_callers_try_again_and_then_give_up(fixture: &Fixture) {
    let storage = fixture.migrated().await;
    let admin = fixture.connect().await.inner().pools().writer;
    let own = admin.begin().await.unwrap();
    own.execute_unprepared("LOCK TABLE users, guards IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut unit = storage.begin().await.unwrap();
    let start = Instant::now();
    let error = unit.users().count_administrators_exclusively().await.unwrap_err();
    assert_eq!(error.fault(), StorageFault::Retryable);
    assert!(start.elapsed() < Duration::from_millis(1_700), "{:?}", start.elapsed());
    drop(unit);
    own.rollback().await.unwrap();
    storage.list(&ListUsers { limit: 1, ..ListUsers::default() }).await.unwrap();
}
