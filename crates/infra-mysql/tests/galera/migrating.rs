//! Migrating from several nodes at once, which without a lease wedges a cluster for good.

use domain::ports::{SchemaState, StorageProbe};
use tokio::task::JoinSet;

use crate::Fixture;

const ROUNDS: usize = 6;

pub(crate) async fn processes_on_every_node_that_start_at_once_migrate_once(fixture: &Fixture) {
    for round in 0..ROUNDS {
        let mut processes = JoinSet::new();
        for storage in fixture.connect().await.into_iter().chain(fixture.connect().await) {
            processes.spawn(async move { storage.migrate_up().await.unwrap().len() });
        }
        let applied = processes.join_all().await;
        assert_eq!(applied.iter().filter(|count| **count > 0).count(), 1, "in round {round}: {applied:?}");
        fixture.catch_up().await;
        let storages = fixture.connect().await;
        for storage in &storages {
            assert_eq!(storage.probe().await.unwrap(), SchemaState::Current, "in round {round}");
        }
        // An empty database and an old one in turns.
        let steps = (round % 2 == 0).then_some(2);
        storages[round % storages.len()].migrate_down(steps).await.unwrap();
        fixture.catch_up().await;
    }
}
