//! A server that goes away, and a network that falls silent.

use std::time::Duration;

use domain::ports::{Storage, StorageFault, StorageProbe, UserQueries};
use domain::query::{DeletedScope, ListUsers};
use domain::values::{UserId, UserRef};
use infra_mysql::MySqlStorage;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};
use storage_contract::server::ServerDatabase;
use tokio::time::{Instant, sleep};

use crate::server::Schema;

pub(crate) use storage_contract::server::outage::{
    a_commit_without_an_answer_has_an_unknown_outcome, a_connection_that_the_server_dropped_is_not_the_callers_error,
    a_silent_network_does_not_hold_up_a_shutdown, after_a_silent_network_a_new_pool_answers,
};

pub(crate) async fn a_table_that_is_locked_for_long_makes_no_connections(schema: &Schema) {
    let (storage, admin) = small_pool(schema).await;
    let own = admin.begin().await.unwrap();
    own.execute_unprepared("LOCK TABLES users WRITE").await.unwrap();
    for _ in 0..3 {
        assert!(all_at_once(&storage).await.into_iter().all(|fault| fault != StorageFault::Failed));
    }
    let most = connections(schema, &admin).await;
    own.execute_unprepared("UNLOCK TABLES").await.unwrap();
    assert!(most <= POOL + 2, "two are the test's: {most}");
    storage.list(&ListUsers { limit: 1, ..ListUsers::default() }).await.unwrap();
}

pub(crate) async fn a_server_that_is_slow_for_long_gets_no_more_than_twice_the_connections(schema: &Schema) {
    let (storage, admin) = small_pool(schema).await;
    admin.execute_unprepared("RENAME TABLE users TO crowd").await.unwrap();
    let slow = "CREATE VIEW users AS SELECT crowd.* FROM crowd JOIN (SELECT SLEEP(60)) AS sleep";
    admin.execute_unprepared(slow).await.unwrap();
    let start = Instant::now();
    let mut most = 0;
    while start.elapsed() < Duration::from_secs(16) {
        assert!(all_at_once(&storage).await.into_iter().all(|fault| fault == StorageFault::Unavailable));
        most = most.max(connections(schema, &admin).await);
    }
    assert!(most > POOL + 2, "the pool was replaced: {most}");
    assert!(most <= 2 * POOL + 2, "two are the test's: {most}");
}

const POOL: usize = 3;

async fn small_pool(schema: &Schema) -> (MySqlStorage, DatabaseConnection) {
    schema.migrated().await.close().await;
    let admin = schema.connect().await.inner().pools().writer;
    (schema.open(&schema.address(), 3).await.unwrap(), admin)
}

/// What is wrong with reads, each of which fails.
async fn all_at_once(storage: &MySqlStorage) -> [StorageFault; 4] {
    let one = async || {
        let found = storage.find(UserRef::Id(UserId::new(1)), DeletedScope::Live).await;
        found.unwrap_err().fault()
    };
    tokio::join!(one(), one(), one(), one()).into()
}

pub(crate) async fn an_exhausted_pool_is_not_replaced(schema: &Schema) {
    schema.migrated().await.close().await;
    let storage = schema.open(&schema.address(), 1).await.unwrap();
    let admin = schema.open(&schema.address(), 1).await.unwrap().inner().pools().writer;
    let before = connections(schema, &admin).await;
    let _unit = storage.begin().await.unwrap();
    let error = storage.probe().await.unwrap_err();
    assert_eq!(error.fault(), StorageFault::Unavailable);
    sleep(Duration::from_millis(500)).await;
    assert_eq!(connections(schema, &admin).await, before);
}

async fn connections(schema: &Schema, admin: &DatabaseConnection) -> usize {
    let sql = format!("SELECT COUNT(*) AS n FROM information_schema.processlist WHERE db = '{}'", schema.name);
    let count = Statement::from_string(admin.get_database_backend(), sql);
    let row = admin.query_one_raw(count).await.unwrap().expect("a count is a row");
    usize::try_from(row.try_get::<i64>("", "n").unwrap()).unwrap()
}
