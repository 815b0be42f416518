//! A node that undoes a transaction while a statement of it is prepared tells nobody. What is not acknowledged is not kept
//! all the same, and what is acknowledged is.

use std::time::{Duration, Instant};

use domain::ports::{Storage, StorageError};
use infra_mysql::MySqlStorage;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, Statement, TransactionTrait};
use testkit::user;

use crate::Fixture;

const ROUNDS: usize = 60;
const PASS: &str = "UPDATE guards SET n = n + 1 WHERE name = 'admins'";

/// Each round on new connections, which have to prepare every statement.
pub(crate) async fn units_that_a_node_undoes_while_it_prepares_a_statement_leave_nothing_behind(fixture: &Fixture) {
    fixture.migrated().await;
    let db = fixture.by_hand(0).await;
    let before = number(&db, "SELECT n FROM guards WHERE name = 'admins'").await;
    let mut acknowledged = 0;
    for _ in 0..ROUNDS {
        let storages = fixture.connect().await;
        let outcomes = tokio::join!(guarded(&storages[0]), guarded(&storages[1]), guarded(&storages[2]));
        for outcome in <[_; 3]>::from(outcomes) {
            match outcome {
                Ok(()) => acknowledged += 1,
                Err(error) => assert!(error.is_retryable(), "{error:?}"),
            }
        }
        for storage in &storages {
            storage.close().await;
        }
    }
    fixture.catch_up().await;
    assert_eq!(number(&db, "SELECT n FROM guards WHERE name = 'admins'").await - before, acknowledged);
    assert_eq!(number(&db, "SELECT COUNT(*) AS n FROM users").await, acknowledged);
}

/// Changes a row that everybody changes, and then what nobody else does.
#[expect(clippy::disallowed_methods, reason = "the test is of the port itself, not of a use case")]
async fn guarded(storage: &MySqlStorage) -> Result<(), StorageError> {
    let mut unit = storage.begin().await?;
    unit.users().count_administrators_exclusively().await?;
    let user = user().build();
    if let Err(error) = unit.users().insert(user).await {
        return match error {
            domain::ports::SaveUserError::Storage(error) => Err(error),
            error => panic!("{error:?}"),
        };
    }
    unit.commit().await
}

async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    row.expect("there is one").try_get("", "n").unwrap()
}

pub(crate) async fn what_follows_a_transaction_that_was_undone_in_silence_is_refused(fixture: &Fixture) {
    let storages = fixture.migrated().await;
    let rival = fixture.by_hand(1).await;
    let pools = storages[0].inner().pools();
    let before = number(&rival, "SELECT n FROM guards WHERE name = 'admins'").await;
    let mut won = 0;
    for round in 0..ROUNDS {
        let transaction = pools.writer.begin_with_config(None, pools.undoing.access_mode()).await.unwrap();
        if transaction.execute_unprepared(PASS).await.is_err() {
            continue;
        }
        let (told, won_by_rival) = tokio::join!(told(&transaction, round), rival.execute_unprepared(PASS));
        won_by_rival.expect("a row lock of another node is in nobody's way");
        won += 1;
        if !told {
            assert_refused(transaction).await;
        }
    }
    fixture.catch_up().await;
    assert_eq!(number(&rival, "SELECT n FROM guards WHERE name = 'admins'").await - before, won);
}

/// Whether it was undone by then or not yet, it never is kept.
async fn assert_refused(transaction: DatabaseTransaction) {
    let refusal = match transaction.execute_unprepared(PASS).await {
        Ok(_) => transaction.commit().await.expect_err("the other node's change came first"),
        Err(refusal) => refusal,
    };
    let refusal = refusal.to_string();
    assert!(refusal.contains("1792") || refusal.contains("1213"), "{refusal}");
}

/// Prepares one statement after another for a while, and says whether one of them failed.
async fn told(transaction: &DatabaseTransaction, round: usize) -> bool {
    let (start, backend) = (Instant::now(), transaction.get_database_backend());
    for turn in 0.. {
        let sql = format!("SELECT u.id AS c{round}_{turn} FROM users u JOIN users v ON u.id = v.id WHERE u.id = ?");
        if transaction.query_all_raw(Statement::from_sql_and_values(backend, sql, [1.into()])).await.is_err() {
            return true;
        }
        if start.elapsed() > Duration::from_millis(30) {
            break;
        }
    }
    false
}
