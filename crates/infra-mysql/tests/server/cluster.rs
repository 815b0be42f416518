//! A cluster to test on, and databases that each of its nodes has.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use storage_contract::NoStore;

use crate::server::{Schema, Server};

/// The nodes of a Galera cluster, or why there are none.
pub(crate) struct Cluster(Vec<Server>);

impl Cluster {
    /// The nodes in `TEST_GALERA_URLS`, separated by commas.
    #[expect(clippy::disallowed_methods, reason = "where the tests' servers are is no setting of the product")]
    pub(crate) fn from_environment() -> Self {
        let Ok(urls) = std::env::var("TEST_GALERA_URLS") else {
            return Self(vec![Server(Err("TEST_GALERA_URLS is not set".to_owned()))]);
        };
        Self(urls.split(',').map(|url| Server(Ok(url.trim_end_matches('/').to_owned()))).collect())
    }

    /// Makes an empty database, as each node sees it.
    pub(crate) async fn new_schema(&self) -> Result<Vec<Schema>, NoStore> {
        let mut schemas = Vec::new();
        for server in &self.0 {
            let schema = match schemas.first() {
                None => server.new_schema().await?,
                Some(Schema { name, .. }) => {
                    let server = server.0.clone().map_err(NoStore::Absent)?;
                    Schema { server, name: name.clone() }
                }
            };
            let node = connect(&schema).await?;
            catch_up(&node).await?;
            node.close().await?;
            schemas.push(schema);
        }
        Ok(schemas)
    }
}

/// A connection to the database's node, which can [`catch_up`].
pub(crate) async fn connect(schema: &Schema) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(&schema.server);
    options.max_connections(1).idle_timeout(None).max_lifetime(None).sqlx_logging(false);
    let node = Database::connect(options).await?;
    node.execute_unprepared("SET SESSION wsrep_sync_wait = 1").await?;
    Ok(node)
}

/// Waits until the node has what was committed on any other. It says so after 30 s if it does not, and on a busy machine it
/// may take longer.
pub(crate) async fn catch_up(node: &DatabaseConnection) -> Result<(), DbErr> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match node.execute_unprepared("SELECT 1").await {
            Err(error) if attempts < 4 && error.to_string().contains("1205") => {}
            answer => return answer.map(|_| ()),
        }
    }
}
