//! A server that goes away, and a network that falls silent.

use std::time::Duration;

use domain::ports::{Storage, StorageFault, StorageProbe, UserQueries};
use domain::query::ListUsers;
use tokio::time::{Instant, sleep};

use super::ServerDatabase;

pub async fn after_a_silent_network_a_new_pool_answers<D: ServerDatabase>(database: &D) {
    let (wire, storage) = database.through_a_wire(2).await;
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

pub async fn a_connection_that_the_server_dropped_is_not_the_callers_error<D: ServerDatabase>(database: &D) {
    let storage = database.migrated().await;
    let list = ListUsers { limit: 1, ..ListUsers::default() };
    for pause in [0, 600] {
        // Several connections of the pool are used, so that there are several to drop.
        let (a, b, c) = tokio::join!(storage.list(&list), storage.list(&list), storage.list(&list));
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        assert!(database.kill_connections().await.unwrap() > 0, "there is a connection to drop");
        sleep(Duration::from_millis(pause)).await;
        storage.list(&list).await.unwrap();
        storage.begin().await.unwrap();
    }
}

pub async fn a_commit_without_an_answer_has_an_unknown_outcome<D: ServerDatabase>(database: &D) {
    let (wire, storage) = database.through_a_wire(1).await;
    let mut unit = storage.begin().await.unwrap();
    unit.users().count_administrators_exclusively().await.unwrap();
    wire.set_silent(true);
    #[expect(clippy::disallowed_methods, reason = "the test is of the port itself, not of a use case")]
    let error = unit.commit().await.unwrap_err();
    assert_eq!(error.fault(), StorageFault::UnknownOutcome);
}

pub async fn a_silent_network_does_not_hold_up_a_shutdown<D: ServerDatabase>(database: &D) {
    let (wire, storage) = database.through_a_wire(2).await;
    wire.set_silent(true);
    assert_eq!(storage.probe().await.unwrap_err().fault(), StorageFault::Unavailable);
    let start = Instant::now();
    D::close(&storage).await;
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}
