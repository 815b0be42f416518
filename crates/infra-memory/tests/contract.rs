//! The promises of the ports, kept by maps in memory.

use std::process::ExitCode;
use std::sync::Arc;

use async_trait::async_trait;
use infra_memory::MemoryStorage;
use storage_contract::{Harness, NoStore, Ports, Store};

fn main() -> ExitCode {
    storage_contract::run("memory", Memory)
}

struct Memory;

#[async_trait]
impl Harness for Memory {
    async fn fresh(&self) -> Result<Box<dyn Store>, NoStore> {
        Ok(Box::new(InMemory(MemoryStorage::new())))
    }
}

struct InMemory(MemoryStorage);

#[async_trait]
impl Store for InMemory {
    fn ports(&self) -> Ports {
        Ports::of(&Arc::new(self.0.clone()))
    }

    async fn close(&self) {}
}
