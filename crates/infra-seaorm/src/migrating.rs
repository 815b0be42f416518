//! Migrating a server, over connections of its own.

use std::time::Duration;

pub use migration::{MigrateError, Status};
use sea_orm::{DatabaseConnection, DbErr};
use tokio::time::timeout;

use crate::SeaOrmStorage;

/// Applies what is pending over `connections`, closes them, and returns the names.
///
/// # Errors
///
/// See [`migration::up`].
pub async fn up(
    connections: impl Future<Output = Result<DatabaseConnection, DbErr>>,
) -> Result<Vec<String>, MigrateError> {
    let db = Box::pin(connections).await?;
    let result = migration::up(&db).await;
    close(db).await;
    result
}

/// Takes back the last `steps` migrations, or all, over `connections`, closes them, and returns the names.
///
/// # Errors
///
/// See [`migration::down`].
pub async fn down(
    connections: impl Future<Output = Result<DatabaseConnection, DbErr>>,
    steps: Option<u32>,
) -> Result<Vec<String>, MigrateError> {
    let db = Box::pin(connections).await?;
    let result = migration::down(&db, steps).await;
    close(db).await;
    result
}

/// Which migrations the database has.
///
/// # Errors
///
/// [`MigrateError::Database`] if it cannot be read.
pub async fn status(storage: &SeaOrmStorage) -> Result<Status, MigrateError> {
    Ok(migration::status(&storage.pools().reader).await?)
}

/// A server that is still at work for a migration that was given up is not waited for.
async fn close(db: DatabaseConnection) {
    let _ = timeout(CLOSE_FOR, db.close()).await;
}

const CLOSE_FOR: Duration = Duration::from_secs(2);
