//! A node that lost the others: it answers `SELECT 1`, and nothing that touches a table.

use std::time::Duration;

use application::RequestContext;
use domain::ports::{SchemaState, Storage, StorageFault, StorageProbe, UserQueries};
use domain::query::{DeletedScope, ListUsers};
use infra_mysql::MySqlStorage;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, Statement};
use testkit::user;
use tokio::time::{Instant, sleep};

use crate::Fixture;
use crate::cluster::connect;
use crate::server::Schema;
use crate::world::World;

/// The private cluster drops a silent node after 6 s; Galera's own default is 15 s.
const PATIENCE: Duration = Duration::from_secs(40);

pub(crate) async fn a_node_without_quorum_takes_no_work_until_it_has_the_others_again(fixture: &Fixture) {
    let world = World::on(fixture.migrated().await);
    let lost = MySqlStorage::connect(&fixture.nodes[2].settings()).await.unwrap();
    let ann = world.replicas[0].create(&RequestContext::system(), user().new_user()).await.unwrap();
    isolate(&fixture.nodes[2], true).await;
    until("the node is without quorum", || async { lost.probe().await.is_err() }).await;

    lost.inner().pools().reader.execute_unprepared("SELECT 1").await.expect("it answers that");
    for _ in 0..3 {
        let start = Instant::now();
        let anybody = ListUsers { limit: 1, ..ListUsers::default() };
        let (begun, found, page, probed) =
            tokio::join!(lost.begin(), lost.find(ann.id.into(), DeletedScope::Live), lost.list(&anybody), lost.probe());
        let faults = [begun.err(), found.err(), page.err(), probed.err()].map(|error| error.map(|error| error.fault()));
        assert_eq!(faults, [Some(StorageFault::Unavailable); 4]);
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    }
    // A COMMIT in the middle of that may be refused, or its outcome be unknown.
    until("the others have given it up", || async { members(&fixture.nodes[0]).await == 2 }).await;
    let bob = world.replicas[0].create(&RequestContext::system(), user().new_user()).await.expect("the others go on");

    isolate(&fixture.nodes[2], false).await;
    until("the node is back", || async { lost.probe().await.is_ok_and(|schema| schema == SchemaState::Current) }).await;
    fixture.catch_up().await;
    assert!(lost.find(bob.id.into(), DeletedScope::Live).await.unwrap().is_some(), "it has what it missed");
    world.replicas[2].create(&RequestContext::system(), user().new_user()).await.expect("it takes work again");
}

/// Every node has the others again, whatever a test did.
pub(crate) async fn restore(fixture: &Fixture) {
    for node in &fixture.nodes {
        isolate(node, false).await;
    }
    for node in &fixture.nodes {
        until("the node is back", || async {
            let Ok(node) = connect(node).await else { return false };
            node.execute_unprepared("SELECT 1 FROM mysql.user LIMIT 1").await.is_ok()
        })
        .await;
    }
}

/// Cuts the node off from the others, or lets it find them again.
async fn isolate(node: &Schema, is_cut_off: bool) {
    let mut options = ConnectOptions::new(node.settings().url);
    options.max_connections(1).idle_timeout(None).max_lifetime(None).sqlx_logging(false);
    let admin = Database::connect(options).await.unwrap();
    let option = format!("SET GLOBAL wsrep_provider_options = 'gmcast.isolate={}'", u8::from(is_cut_off));
    admin.execute_unprepared(&option).await.unwrap();
    admin.close().await.unwrap();
}

/// How many nodes this one has around it, itself included; none without quorum.
async fn members(node: &Schema) -> i64 {
    let status = "SELECT CAST(IF(s.variable_value = 'Primary', n.variable_value, 0) AS SIGNED) AS members \
                  FROM information_schema.global_status s, information_schema.global_status n \
                  WHERE s.variable_name = 'wsrep_cluster_status' AND n.variable_name = 'wsrep_cluster_size'";
    let node = connect(node).await.unwrap();
    let row = node.query_one_raw(Statement::from_string(node.get_database_backend(), status)).await.unwrap();
    row.expect("the status is a row").try_get("", "members").unwrap()
}

async fn until<Answer: Future<Output = bool>>(what: &str, is_so: impl Fn() -> Answer) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < PATIENCE, "gave up waiting until {what}");
        sleep(Duration::from_millis(50)).await;
    }
}
