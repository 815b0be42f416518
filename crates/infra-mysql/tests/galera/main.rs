//! What the nodes of a Galera cluster promise together: races across them, following what changes on them, migrating from
//! all of them, and a node that lost the others.
//!
//! `TEST_GALERA_URLS` names the nodes, separated by commas, without a database.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../server/cluster.rs"]
mod cluster;
mod crossing;
mod crossing_trail;
mod following;
mod migrating;
mod quorum;
mod races;
#[path = "../server/mod.rs"]
#[expect(dead_code, reason = "the nodes of a cluster are named together")]
mod server;
mod signing_in;
mod unnoticed;
mod use_cases;
mod world;

use std::process::ExitCode;

use async_trait::async_trait;
use cluster::{Cluster, catch_up, connect};
use infra_mysql::MySqlStorage;
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use server::Schema;
use storage_contract::server::ServerDatabase;
use storage_contract::{Ground, NoStore, Test, Trials};
use tokio::sync::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A test's database, as each node sees it.
struct Fixture {
    nodes: Vec<Schema>,
    _turn: Turn,
}

/// Whoever takes a node away from the cluster does so alone.
static TURNS: RwLock<()> = RwLock::const_new(());
static MIGRATING: Mutex<()> = Mutex::const_new(());

#[expect(dead_code, reason = "held for its end")]
enum Turn {
    Shared(RwLockReadGuard<'static, ()>),
    Alone(RwLockWriteGuard<'static, ()>),
}

impl Fixture {
    async fn on(cluster: &Cluster, turn: Turn) -> Result<Self, NoStore> {
        Ok(Self { nodes: cluster.new_schema().await?, _turn: turn })
    }

    /// The storage on each node.
    async fn connect(&self) -> Vec<MySqlStorage> {
        let mut storages = Vec::new();
        for node in &self.nodes {
            storages.push(MySqlStorage::connect(&node.settings()).await.expect("the node is there"));
        }
        storages
    }

    /// The same, with the tables on every node.
    async fn migrated(&self) -> Vec<MySqlStorage> {
        let storages = self.connect().await;
        {
            // A cluster changes one schema at a time, whosever it is: many at once wait for each other until their leases
            // have ended.
            let _one = MIGRATING.lock().await;
            storages[0].migrate_up().await.expect("an empty database can be migrated");
        }
        self.catch_up().await;
        storages
    }

    /// Waits until every node has what was committed on any.
    async fn catch_up(&self) {
        for node in &self.nodes {
            let node = connect(node).await.expect("the node is there");
            catch_up(&node).await.expect("the node has quorum");
            node.close().await.expect("the node is there");
        }
    }

    /// A connection of its own to the database on a node, on which anything may be changed.
    async fn by_hand(&self, node: usize) -> DatabaseConnection {
        let node = &self.nodes[node];
        let connection = connect(node).await.expect("the node is there");
        connection.execute_unprepared(&format!("USE {}", node.name)).await.expect("the database is there");
        connection
    }

    async fn clear(&self) {
        for node in &self.nodes[1..] {
            node.kill_connections().await.expect("the node lists its connections");
        }
        self.nodes[0].drop().await.expect("the database can be dropped");
    }
}

struct Beside(Cluster);

#[async_trait]
impl Ground for Beside {
    type Database = Fixture;

    async fn fresh(&self) -> Result<Fixture, NoStore> {
        Fixture::on(&self.0, Turn::Shared(TURNS.read().await)).await
    }

    async fn clear(&self, fixture: &Fixture) {
        fixture.clear().await;
    }
}

struct Alone(Cluster);

#[async_trait]
impl Ground for Alone {
    type Database = Fixture;

    async fn fresh(&self) -> Result<Fixture, NoStore> {
        Fixture::on(&self.0, Turn::Alone(TURNS.write().await)).await
    }

    async fn clear(&self, fixture: &Fixture) {
        quorum::restore(fixture).await;
        fixture.clear().await;
    }
}

fn main() -> ExitCode {
    Trials::new()
        .on("galera", Beside(Cluster::from_environment()), BESIDE_OTHERS)
        .on("galera", Alone(Cluster::from_environment()), ALONE)
        .run()
}

const BESIDE_OTHERS: &[Test<Fixture>] = storage_contract::tests!(
    races: [
        what_races_on_one_server_races_across_nodes_too,
        leases_keys_and_the_chain_race_across_nodes_too,
        erasing_importing_and_repeating_race_across_nodes_too,
    ],
    use_cases: [
        of_two_last_administrators_who_are_demoted_on_two_nodes_one_stays,
        a_name_that_is_taken_on_three_nodes_at_once_is_taken_once,
        totals_are_exact_and_next_to_nothing_is_tried_twice_where_each_node_has_its_slot,
        a_conflict_at_the_commit_is_tried_again_unseen,
    ],
    signing_in: [
        of_two_refreshes_at_once_on_two_nodes_both_get_the_one_living_successor,
        nobody_is_signed_in_after_being_deactivated_on_another_node,
        of_first_administrators_that_are_made_on_three_nodes_at_once_there_is_one,
    ],
    following: [
        a_node_that_was_idle_gives_greater_numbers_than_all_it_has_seen,
        whoever_follows_the_changes_on_any_node_is_told_each_of_them_once,
    ],
    unnoticed: [
        units_that_a_node_undoes_while_it_prepares_a_statement_leave_nothing_behind,
        what_follows_a_transaction_that_was_undone_in_silence_is_refused,
    ],
    migrating: [
        processes_on_every_node_that_start_at_once_migrate_once,
        the_trail_is_append_only_on_every_node_as_soon_as_triggers_are_allowed,
    ],
);

const ALONE: &[Test<Fixture>] = storage_contract::tests!(
    quorum: [
        a_node_without_quorum_takes_no_work_until_it_has_the_others_again,
    ],
);
