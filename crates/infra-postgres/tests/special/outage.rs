//! A server that goes away, and a network that falls silent.

use std::time::Duration;

use domain::ports::{Storage, StorageFault, UserQueries};
use domain::query::{DeletedScope, ListUsers};
use domain::values::UserId;
use sea_orm::{ConnectionTrait, TransactionTrait};
use storage_contract::server::ServerDatabase;
use tokio::time::{Instant, sleep};

use crate::server::Schema;

pub(crate) use storage_contract::server::outage::{
    a_commit_without_an_answer_has_an_unknown_outcome, a_connection_that_the_server_dropped_is_not_the_callers_error,
    a_silent_network_does_not_hold_up_a_shutdown, after_a_silent_network_a_new_pool_answers,
};

pub(crate) async fn a_table_that_changes_meanwhile_is_not_the_callers_error(schema: &Schema) {
    let storage = schema.migrated().await;
    let admin = schema.connect().await.inner().pools().writer;
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

pub(crate) async fn a_unit_that_meets_a_changed_table_can_be_tried_again(schema: &Schema) {
    schema.migrated().await.close().await;
    let storage = schema.open(&schema.address(), 1).await.unwrap();
    let look = async || storage.begin().await?.users().find(UserId::new(1).into()).await;
    look().await.unwrap();
    let admin = schema.connect().await.inner().pools().writer;
    admin.execute_unprepared("ALTER TABLE users ALTER COLUMN locale TYPE VARCHAR(42)").await.unwrap();
    assert_eq!(look().await.unwrap_err().fault(), StorageFault::Retryable);
    sleep(Duration::from_secs(1)).await;
    look().await.unwrap();
}

pub(crate) async fn a_table_that_is_locked_makes_callers_try_again_and_then_give_up(schema: &Schema) {
    let storage = schema.migrated().await;
    let admin = schema.connect().await.inner().pools().writer;
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
