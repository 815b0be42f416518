//! PostgreSQL keeps the promises of the storage ports.
//!
//! `TEST_POSTGRES_URL` names a server, without a database: `postgres://postgres@127.0.0.1:5432`.

mod server;

use std::process::ExitCode;

use async_trait::async_trait;
use server::Server;
use storage_contract::server::{fresh, unreachable};
use storage_contract::{Harness, NoStore, Store};

fn main() -> ExitCode {
    storage_contract::run("postgres", Schemas(Server::from_environment()))
}

/// Each case has a database of its own on the server.
struct Schemas(Server);

#[async_trait]
impl Harness for Schemas {
    async fn fresh(&self) -> Result<Box<dyn Store>, NoStore> {
        fresh(self.0.new_schema().await?, ()).await
    }

    async fn unreachable(&self) -> Result<Box<dyn Store>, NoStore> {
        unreachable(self.0.new_schema().await?, ()).await
    }
}
