//! Tables as the migrations make them, made faster.
//!
//! The migrations change tables step by step, some sixty times, and every change of a schema is slow on a server and slower on
//! a cluster. So they run once for each server of a test run; what they made is written down, and later cases get it at once.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use infra_mysql::MySqlStorage;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement};
use storage_contract::Failure;

use super::Schema;

/// By server: what makes the tables, triggers and rows of an empty database.
static WRITTEN: LazyLock<Mutex<HashMap<String, Arc<[String]>>>> = LazyLock::new(Mutex::default);

/// Makes the tables of this empty database.
pub(super) async fn lay(schema: &Schema, storage: &MySqlStorage) -> Result<(), Failure> {
    // Of its own: on a cluster the adapter's may only read outside of units of work.
    let mut options = ConnectOptions::new(schema.settings().url);
    options.max_connections(1).idle_timeout(None).max_lifetime(None).sqlx_logging(false);
    let db = Database::connect(options).await?;
    let written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner).get(&schema.server).cloned();
    if let Some(written) = written {
        for statement in &*written {
            db.execute_unprepared(statement).await?;
        }
    } else {
        storage.migrate_up().await?;
        let written = write_down(&db).await?.into();
        WRITTEN.lock().unwrap_or_else(PoisonError::into_inner).insert(schema.server.clone(), written);
    }
    Ok(db.close().await?)
}

async fn write_down(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let mut all = vec!["SET SESSION foreign_key_checks = 0".to_owned()];
    let tables = texts(db, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()").await?;
    for table in &tables {
        all.push(shown(db, &format!("SHOW CREATE TABLE {table}"), "Create Table").await?);
        let columns = texts(
            db,
            &format!(
                "SELECT CONCAT('QUOTE(', column_name, ')') FROM information_schema.columns WHERE table_schema = DATABASE() \
                 AND table_name = '{table}' ORDER BY ordinal_position"
            ),
        )
        .await?;
        let rows = texts(db, &format!("SELECT CONCAT_WS(', ', {}) FROM {table}", columns.join(", "))).await?;
        all.extend(rows.iter().map(|row| format!("INSERT INTO {table} VALUES ({row})")));
    }
    let triggers = "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()";
    for trigger in texts(db, triggers).await? {
        all.push(shown(db, &format!("SHOW CREATE TRIGGER {trigger}"), "SQL Original Statement").await?);
    }
    Ok(all)
}

/// A query's only column.
async fn texts(db: &DatabaseConnection, sql: &str) -> Result<Vec<String>, DbErr> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

async fn shown(db: &DatabaseConnection, sql: &str, column: &str) -> Result<String, DbErr> {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    row.ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))?.try_get("", column)
}
