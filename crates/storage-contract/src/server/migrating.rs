//! Migrating a server's database.

use std::time::Duration;

use domain::ports::{SchemaState, StorageProbe};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::ServerDatabase;
use crate::sql::Failure;

pub async fn down_and_up_again_leads_to_the_same_schema<D: ServerDatabase>(database: &D) {
    let storage = database.connect().await;
    assert_eq!(storage.probe().await.unwrap(), SchemaState::Pending);
    let applied = D::migrate_up(&storage).await.unwrap();
    let tables = D::tables(&storage).await.unwrap();
    assert!(D::migrate_up(&storage).await.unwrap().is_empty(), "nothing is left to do");

    assert_eq!(D::migrate_down(&storage, Some(1)).await.unwrap(), applied[applied.len() - 1..]);
    assert_eq!(storage.probe().await.unwrap(), SchemaState::Pending);
    assert_eq!(D::migrate_down(&storage, None).await.unwrap(), applied[..applied.len() - 1]);
    assert_eq!(D::migrate_up(&storage).await.unwrap(), applied);
    assert_eq!(D::tables(&storage).await.unwrap(), tables);
}

pub async fn several_processes_that_start_at_once_migrate_once<D: ServerDatabase>(database: &D) {
    for round in 0..20 {
        let mut processes = JoinSet::new();
        for _ in 0..5 {
            let storage = database.connect().await;
            processes.spawn(async move { D::migrate_up(&storage).await.unwrap().len() });
        }
        let applied = processes.join_all().await;
        assert_eq!(applied.iter().filter(|count| **count > 0).count(), 1, "in round {round}: {applied:?}");
        let storage = database.connect().await;
        assert_eq!(storage.probe().await.unwrap(), SchemaState::Current, "in round {round}");
        // An empty database and an old one in turns.
        D::migrate_down(&storage, (round % 2 == 0).then_some(2)).await.unwrap();
    }
}

pub async fn the_lease_of_a_killed_process_ends<D: ServerDatabase>(database: &D) {
    let storage = database.migrated().await;
    D::migrate_down(&storage, Some(1)).await.unwrap();
    lease::<D>(&storage, 2).await;
    let start = Instant::now();
    D::migrate_up(&storage).await.unwrap();
    assert!((1..10).contains(&start.elapsed().as_secs()), "it waited for the end of the lease: {:?}", start.elapsed());
}

pub async fn where_nothing_is_pending_no_lease_is_waited_for<D: ServerDatabase>(database: &D) {
    let storage = database.migrated().await;
    lease::<D>(&storage, 600).await;
    assert!(D::migrate_up(&storage).await.unwrap().is_empty());
}

pub async fn a_newer_database_is_refused<D: ServerDatabase>(database: &D) {
    let storage = database.migrated().await;
    let later = "INSERT INTO seaql_migrations VALUES ('m29991231_000001_later', 0)";
    D::execute(&storage, later).await.unwrap();
    assert_eq!(storage.probe().await.unwrap(), SchemaState::Newer);
    for result in [D::migrate_up(&storage).await, D::migrate_down(&storage, None).await] {
        let expected = "the database is newer than this program, which does not know m29991231_000001_later";
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
}

/// Why a run down ends, from which another process takes the lease after a second.
pub async fn robbed<D: ServerDatabase>(storage: &D::Storage) -> Failure {
    let steal = async {
        sleep(Duration::from_secs(1)).await;
        D::execute(storage, "UPDATE migration_lease SET owner = 'another'").await.unwrap()
    };
    let (run, stolen) = tokio::join!(D::migrate_down(storage, None), steal);
    assert_eq!(stolen, 1, "there is a lease");
    run.expect_err("it does not go on")
}

/// Another process says that it migrates, and nothing more.
async fn lease<D: ServerDatabase>(storage: &D::Storage, seconds: u32) {
    let lease = format!("INSERT INTO migration_lease VALUES ('migrate', 'another', {} + {seconds})", D::NOW);
    D::execute(storage, &lease).await.unwrap();
}
