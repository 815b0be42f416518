//! Migrating from several nodes at once, which without a lease wedges a cluster for good.

use domain::ports::{SchemaState, StorageInspection, StorageProbe};
use infra_mysql::{MySqlSettings, MySqlStorage};
use sea_orm::ConnectionTrait;
use storage_contract::server::ServerDatabase;
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

pub(crate) async fn the_trail_is_append_only_on_every_node_as_soon_as_triggers_are_allowed(fixture: &Fixture) {
    let storages = fixture.connect().await;
    let node = &fixture.nodes[0];
    let admin = fixture.by_hand(0).await;
    let name = &node.name;
    // Galera lets only administrators make triggers, with a binary log and without.
    admin.execute_unprepared(&format!("CREATE USER {name}@'%' IDENTIFIED BY 'pw'")).await.unwrap();
    admin.execute_unprepared(&format!("GRANT ALL PRIVILEGES ON {name}.* TO {name}@'%'")).await.unwrap();
    let url = format!("mysql://{name}:pw@{}/{name}", node.address());
    let user = MySqlStorage::connect(&MySqlSettings { url, ..node.settings() }).await.unwrap();
    let migrated = user.migrate_up().await;
    let missing = user.missing_protections().await;
    admin.execute_unprepared("SET GLOBAL log_bin_trust_function_creators = 1").await.unwrap();
    let mended = user.migrate_up().await;
    admin.execute_unprepared("SET GLOBAL log_bin_trust_function_creators = 0").await.unwrap();
    admin.execute_unprepared(&format!("DROP USER {name}@'%'")).await.unwrap();
    assert!(!migrated.unwrap().is_empty() && mended.unwrap().is_empty());
    assert_eq!(missing.unwrap().len(), 8, "two triggers for each of the tables");

    let row = "INSERT INTO erased_users VALUES (7, REPEAT('u', 16), NOW(6))";
    admin.execute_unprepared(row).await.unwrap();
    fixture.catch_up().await;
    for (node, storage) in storages.iter().enumerate() {
        assert_eq!(storage.missing_protections().await.unwrap(), Vec::<String>::new());
        for change in [
            "UPDATE erased_users SET erased_at = NOW(6)",
            "DELETE FROM erased_users",
            "TRUNCATE erased_users",
            "REPLACE INTO erased_users VALUES (7, REPEAT('v', 16), NOW(6))",
        ] {
            fixture.by_hand(node).await.execute_unprepared(change).await.expect_err(change);
        }
    }
}
