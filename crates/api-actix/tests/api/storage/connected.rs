//! A storage of any kind, connected.

use std::sync::Arc;
use std::time::Duration;

use infra_memory::MemoryStorage;
use infra_mysql::{MySqlSettings, MySqlStorage};
use infra_postgres::{PostgresSettings, PostgresStorage};
use infra_sqlite::{SqliteSettings, SqliteStorage};

use crate::test_app::Stores;

const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(1_500);
const POOL_SIZE: u32 = 4;

pub(super) enum Connected {
    Memory(MemoryStorage),
    Sqlite(Arc<SqliteStorage>),
    MySql(Arc<MySqlStorage>),
    Postgres(Arc<PostgresStorage>),
}

impl Connected {
    pub(super) async fn to(url: &str) -> Self {
        let (url, pool_size, acquire_timeout) = (url.to_owned(), POOL_SIZE, ACQUIRE_TIMEOUT);
        match url.split(':').next() {
            Some("sqlite") => {
                let settings = SqliteSettings { url, pool_size, acquire_timeout };
                Self::Sqlite(Arc::new(SqliteStorage::connect(&settings).await.unwrap()))
            }
            Some("mysql") => {
                let settings = MySqlSettings { url, pool_size, acquire_timeout };
                Self::MySql(Arc::new(MySqlStorage::connect(&settings).await.unwrap()))
            }
            Some("postgres") => {
                let settings = PostgresSettings { url, pool_size, acquire_timeout };
                Self::Postgres(Arc::new(PostgresStorage::connect(&settings).await.unwrap()))
            }
            _ => panic!("no kind of database: {url}"),
        }
    }

    pub(super) async fn migrate(&self) {
        match self {
            Self::Memory(_) => {}
            Self::Sqlite(storage) => drop(storage.migrate_up().await.unwrap()),
            Self::MySql(storage) => drop(storage.migrate_up().await.unwrap()),
            Self::Postgres(storage) => drop(storage.migrate_up().await.unwrap()),
        }
    }

    pub(super) fn stores(&self) -> Stores {
        match self {
            Self::Memory(storage) => Stores::of(&Arc::new(storage.clone())),
            Self::Sqlite(storage) => Stores::of(storage),
            Self::MySql(storage) => Stores::of(storage),
            Self::Postgres(storage) => Stores::of(storage),
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Memory(_) => {}
            Self::Sqlite(storage) => storage.close().await,
            Self::MySql(storage) => storage.close().await,
            Self::Postgres(storage) => storage.close().await,
        }
    }
}
