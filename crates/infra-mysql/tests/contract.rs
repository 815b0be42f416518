//! MySQL and MariaDB keep the promises of the storage ports.
//!
//! `TEST_MARIADB_URL` and `TEST_MYSQL_URL` name servers, without a database: `mysql://root@127.0.0.1:3306`.

mod server;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use async_trait::async_trait;
use domain::ports::{Storage, StorageInspection, StorageProbe, UserQueries};
use infra_mysql::MySqlStorage;
use sea_orm::{ConnectionTrait, Statement};
use server::{Schema, Server};
use storage_contract::{Harness, NoStore, Store, StoredEvent, Suite, Wire};

fn main() -> ExitCode {
    Suite::new()
        .with("mariadb", Schemas(Server::from_environment("TEST_MARIADB_URL")))
        .with("mysql", Schemas(Server::from_environment("TEST_MYSQL_URL")))
        .run()
}

/// Each case has a database of its own on the server.
struct Schemas(Server);

struct Database {
    storage: Arc<MySqlStorage>,
    schema: Schema,
}

#[async_trait]
impl Harness for Schemas {
    async fn fresh(&self) -> Result<Box<dyn Store>, NoStore> {
        let schema = self.0.new_schema().await?;
        let storage = MySqlStorage::connect(&schema.settings()).await?;
        storage.migrate_up().await?;
        Ok(Box::new(Database { storage: Arc::new(storage), schema }))
    }

    async fn unreachable(&self) -> Result<Box<dyn Store>, NoStore> {
        let schema = self.0.new_schema().await?;
        let wire = Wire::to(schema.address()).await?;
        let storage = MySqlStorage::connect(&schema.settings_through(wire.address())).await?;
        storage.migrate_up().await?;
        wire.set_silent(true);
        Ok(Box::new(Database { storage: Arc::new(storage), schema }))
    }
}

#[async_trait]
impl Store for Database {
    fn storage(&self) -> Arc<dyn Storage> {
        self.storage.clone()
    }

    fn queries(&self) -> Arc<dyn UserQueries> {
        self.storage.clone()
    }

    fn probe(&self) -> Arc<dyn StorageProbe> {
        self.storage.clone()
    }

    fn inspection(&self) -> Arc<dyn StorageInspection> {
        self.storage.clone()
    }

    async fn damage(&self) -> Result<bool, Box<dyn Error + Send + Sync>> {
        let db = &self.storage.inner().pools().writer;
        db.execute_unprepared("UPDATE user_counts SET n = n + 3").await?;
        db.execute_unprepared("DELETE FROM guards").await?;
        Ok(true)
    }

    async fn events(&self) -> Result<Vec<StoredEvent>, Box<dyn Error + Send + Sync>> {
        let db = &self.storage.inner().pools().reader;
        let statement = Statement::from_string(db.get_database_backend(), "SELECT id, action FROM audit_events");
        let rows = db.query_all_raw(statement).await?;
        rows.iter()
            .map(|row| Ok(StoredEvent { id: row.try_get("", "id")?, action: row.try_get("", "action")? }))
            .collect()
    }

    async fn close(&self) {
        self.schema.drop().await;
    }
}
