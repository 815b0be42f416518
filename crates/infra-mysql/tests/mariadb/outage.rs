//! A server that goes away, and a network that falls silent.

use std::time::Duration;

use domain::ports::{Storage, StorageFault, StorageProbe, UserQueries};
use domain::query::ListUsers;
use infra_mysql::{MySqlSettings, MySqlStorage};
use tokio::time::{Instant, sleep};

use crate::Fixture;
use crate::server::silence::Wire;

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
