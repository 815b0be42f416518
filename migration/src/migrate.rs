//! Running migrations, one process at a time.

use std::collections::BTreeSet;

use sea_orm_migration::sea_orm::{
    DatabaseConnection, DbBackend, DbErr, EntityTrait, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{IntoSchemaManagerConnection, MigratorTrait, SchemaManager, seaql_migrations};

use crate::Migrator;
use crate::lease::Lease;

/// Which migrations a database has, by name, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Those it has.
    pub applied: Vec<String>,
    /// Those it lacks.
    pub pending: Vec<String>,
    /// Those it has and this program does not know: a newer one has made them.
    pub unknown: Vec<String>,
}

/// Why migrations did not run.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A newer program has migrated the database; this one must not touch it.
    #[error("the database is newer than this program, which does not know {}", .unknown.join(", "))]
    Newer {
        /// The migrations that this program does not know.
        unknown: Vec<String>,
    },
    /// The database failed.
    #[error("the database failed while migrating")]
    Database(#[from] DbErr),
}

/// Applies what is pending and returns its names; nothing, if another process has done so meanwhile.
///
/// A run that was killed half-way is finished by the next. Servers need two connections in `db`.
///
/// # Errors
///
/// - [`MigrateError::Newer`] before anything is changed.
/// - [`MigrateError::Database`] for everything else.
pub async fn up(db: &DatabaseConnection) -> Result<Vec<String>, MigrateError> {
    alone(db, Direction::Up).await
}

/// Takes back the last `steps` migrations, or all of them, and returns their names. **Their data are lost.**
///
/// # Errors
///
/// As [`up`].
pub async fn down(db: &DatabaseConnection, steps: Option<u32>) -> Result<Vec<String>, MigrateError> {
    alone(db, Direction::Down(steps)).await
}

/// Which migrations the database has. Changes nothing, not even in a new database.
///
/// # Errors
///
/// [`DbErr`] if the database failed.
pub async fn status<'c>(db: impl IntoSchemaManagerConnection<'c>) -> Result<Status, DbErr> {
    let known: Vec<String> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let stored = stored(SchemaManager::new(db)).await?;
    let unknown = stored.iter().filter(|name| !known.contains(name)).cloned().collect();
    let (applied, pending) = known.into_iter().partition(|name| stored.contains(name));
    Ok(Status { applied, pending, unknown })
}

async fn stored(manager: SchemaManager<'_>) -> Result<BTreeSet<String>, DbErr> {
    if !manager.has_table("seaql_migrations").await? {
        return Ok(BTreeSet::new());
    }
    let models = seaql_migrations::Entity::find().all(manager.get_connection()).await?;
    Ok(models.into_iter().map(|model| model.version).collect())
}

#[derive(Debug, Clone, Copy)]
enum Direction {
    Up,
    Down(Option<u32>),
}

async fn alone(db: &DatabaseConnection, direction: Direction) -> Result<Vec<String>, MigrateError> {
    if db.get_database_backend() == DbBackend::Sqlite {
        // The write lock instead of a lease, whose renewal would wait for it; and the transaction makes the run whole.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let transaction = db.begin_with_options(options).await?;
        let names = run(&transaction, direction).await?;
        transaction.commit().await?;
        return Ok(names);
    }
    let lease = Lease::acquire(db).await?;
    let result = run(db, direction).await;
    lease.release().await?;
    result
}

async fn run<'c>(
    db: impl IntoSchemaManagerConnection<'c> + Copy,
    direction: Direction,
) -> Result<Vec<String>, MigrateError> {
    let before = status(db).await?;
    if !before.unknown.is_empty() {
        return Err(MigrateError::Newer { unknown: before.unknown });
    }
    match direction {
        Direction::Up => {
            Migrator::up(db, None).await?;
            Ok(before.pending)
        }
        Direction::Down(steps) => {
            Migrator::down(db, steps).await?;
            let kept = status(db).await?.applied;
            Ok(before.applied.into_iter().filter(|name| !kept.contains(name)).collect())
        }
    }
}
