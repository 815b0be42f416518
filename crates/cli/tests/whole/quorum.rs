//! A service on a node of a Galera cluster that lost the others.
//!
//! `TEST_GALERA_URLS` names the nodes, separated by commas, without a database. The node is taken away from the cluster, so
//! this must be the only test of this binary that works on one.

use std::io::Write as _;
use std::process;
use std::thread;
use std::time::{Duration, Instant};

use sea_orm::{ConnectOptions, ConnectionTrait as _};
use tokio::runtime;

use crate::client::person;
use crate::environment::variable;
use crate::service::Service;

/// The private cluster drops a silent node after 2 s; Galera's own default is 15 s.
const PATIENCE: Duration = Duration::from_secs(40);

#[test]
fn without_quorum_the_service_is_unready_and_unavailable_and_recovers_by_itself() {
    let Some(node) = Node::last() else { return };
    let service = Service::start(&[("DATABASE_URL", &node.database())]);
    let path = service.create("ann");

    node.isolate(true);
    until("the service is unready", || service.get("/ready").status == 503);
    for _ in 0..3 {
        let ready = service.get("/ready");
        assert_eq!((ready.status, &ready.body["checks"]["database"]), (503, &"failed".into()));
        assert!(ready.took < Duration::from_secs(2), "after {:?}", ready.took);
        for answer in [service.get(&path), service.get("/api/v1/users"), service.post("/api/v1/users", &person("bob"))]
        {
            assert_eq!((answer.status, answer.text("code")), (503, "unavailable"), "{}", answer.body);
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert_ne!(answer.header("retry-after"), "");
        }
        assert_eq!(service.get("/health").status, 200);
    }
    node.execute("SELECT 1");

    node.isolate(false);
    until("the service is ready", || service.get("/ready").status == 200);
    assert_eq!(service.get(&path).text("username"), "ann");
    service.create("bob");
}

/// The last node, with a database of its own. Dropping it puts everything back.
struct Node {
    server: String,
    name: String,
}

impl Node {
    fn last() -> Option<Self> {
        let Some(urls) = variable("TEST_GALERA_URLS") else {
            let required = variable("CONTRACT_REQUIRED").unwrap_or_default();
            assert!(!required.split(',').any(|name| name == "galera"), "TEST_GALERA_URLS is not set");
            let _ = writeln!(std::io::stderr(), "SKIPPED on Galera: TEST_GALERA_URLS is not set");
            return None;
        };
        let server = urls.rsplit(',').next().unwrap_or_default().trim_end_matches('/').to_owned();
        let node = Self { server, name: format!("whole_{}_quorum", process::id()) };
        node.execute(&format!("CREATE DATABASE {}", node.name));
        Some(node)
    }

    fn database(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// Cuts the node off from the others, or lets it find them again.
    fn isolate(&self, is_cut_off: bool) {
        let option = u8::from(is_cut_off);
        self.execute(&format!("SET GLOBAL wsrep_provider_options = 'gmcast.isolate={option}'"));
    }

    fn execute(&self, sql: &str) {
        self.try_execute(sql).unwrap();
    }

    fn try_execute(&self, sql: &str) -> Result<(), sea_orm::DbErr> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut options = ConnectOptions::new(&self.server);
            options.max_connections(1).idle_timeout(None).max_lifetime(None).sqlx_logging(false);
            let connection = sea_orm::Database::connect(options).await?;
            connection.execute_unprepared(sql).await?;
            connection.close().await
        })
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.isolate(false);
        let drop = format!("DROP DATABASE {}", self.name);
        until("the node has quorum", || self.try_execute(&drop).is_ok());
    }
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "gave up waiting until {what}");
        thread::sleep(Duration::from_millis(100));
    }
}
