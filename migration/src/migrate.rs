//! Running migrations, one process at a time.

use std::collections::BTreeSet;

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{IntoSchemaManagerConnection, MigratorTrait, SchemaManager, seaql_migrations};

use crate::Migrator;
use crate::append_only;
use crate::faults::{self, Refusal, refusal};
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
    /// Another process took the right to migrate meanwhile, because this one could not renew it.
    #[error("another process migrates the database, because this one could not say in time that it still does")]
    LeaseLost,
    /// The database's user lacks the privileges.
    #[error(
        "the database does not let this user change its tables: give it all privileges on this database (on PostgreSQL \
         let it own the database, or GRANT USAGE, CREATE ON SCHEMA), or migrate as a user who has them \
         (`usermgmt migrate up`)"
    )]
    Denied(#[source] DbErr),
    /// Something stands in the way that only a person can remove.
    #[error("{0}")]
    InTheWay(String),
    /// The database failed.
    #[error("the database failed while migrating")]
    Database(#[source] DbErr),
}

impl From<DbErr> for MigrateError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::Migration(reason) => Self::InTheWay(reason),
            error if refusal(&error) == Some(Refusal::Denied) => Self::Denied(error),
            error => Self::Database(error),
        }
    }
}

/// Applies what is pending and returns its names; nothing, if another process has done so meanwhile.
///
/// Where nothing is pending and the append-only tables are protected, it reads and does not write. A run that was killed half-way is finished by the next. Servers
/// need two connections in `db`.
///
/// # Errors
///
/// - [`MigrateError::Newer`] before anything is changed.
/// - [`MigrateError::LeaseLost`] as soon as it is; what was done stays, and whoever has the lease goes on from there.
/// - [`MigrateError::Denied`] and [`MigrateError::InTheWay`] say what a person has to do; the next run goes on from there.
/// - [`MigrateError::Database`] for everything else.
pub async fn up(db: &DatabaseConnection) -> Result<Vec<String>, MigrateError> {
    if known_only(insist(|| status(db)).await?)?.pending.is_empty() {
        return mend(db).await.map(|()| Vec::new());
    }
    Box::pin(alone(db, Direction::Up)).await
}

/// Makes what protects append-only tables and is missing, as far as it may.
async fn mend(db: &DatabaseConnection) -> Result<(), MigrateError> {
    let missing = insist(|| append_only::missing(db)).await?;
    if missing.is_empty() {
        return Ok(());
    }
    match Box::pin(alone(db, Direction::Up)).await {
        // The service goes on with what there is.
        Err(MigrateError::Denied(reason)) => append_only::warn(&missing, &reason),
        done => drop(done?),
    }
    Ok(())
}

/// Takes back the last `steps` migrations, or all of them, and returns their names. **Their data are lost.**
///
/// # Errors
///
/// As [`up`].
pub async fn down(db: &DatabaseConnection, steps: Option<u32>) -> Result<Vec<String>, MigrateError> {
    Box::pin(alone(db, Direction::Down(steps))).await
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
        return not_in_another_schema(&manager).await.map(|()| BTreeSet::new());
    }
    let models = seaql_migrations::Entity::find().all(manager.get_connection()).await?;
    Ok(models.into_iter().map(|model| model.version).collect())
}

/// On PostgreSQL tables are made in the first schema of the `search_path`, and found in all of them: a new schema of the
/// user's name would hide those in `public`. And a user sees no table that it may not read.
async fn not_in_another_schema(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let ask = "SELECT CAST(current_schema() AS TEXT) AS here, CAST(relnamespace::regnamespace AS TEXT) AS there \
               FROM pg_class WHERE oid = to_regclass('seaql_migrations')";
    let Some(row) = db.query_one_raw(Statement::from_string(DbBackend::Postgres, ask)).await? else {
        return Ok(());
    };
    let (here, there): (Option<String>, String) = (row.try_get("", "here")?, row.try_get("", "there")?);
    if here.as_ref() == Some(&there) {
        // Another process may have made it since it was looked for.
        if manager.has_table("seaql_migrations").await? {
            return Ok(());
        }
        return Err(DbErr::Migration(format!(
            "this user may not read the tables: \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {there} to it"
        )));
    }
    Err(DbErr::Migration(format!(
        "the tables are in the schema {there}, and new ones would be made in {}; name the schema in DATABASE_URL: \
         ?options=-c%20search_path%3D{there}",
        here.as_deref().unwrap_or("none")
    )))
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
        let before = known_only(status(&transaction).await?)?;
        let names = run(&transaction, before, direction).await?;
        transaction.commit().await?;
        return Ok(names);
    }
    let mut lease = Lease::acquire(db).await?;
    let result = tokio::select! {
        result = run_on_server(db, direction) => result,
        () = lease.lost() => Err(MigrateError::LeaseLost),
    };
    if let Err(error) = lease.release().await {
        // What was done is done; the others wait until the lease has ended.
        tracing::warn!(%error, "the migration lease could not be given back");
    }
    result
}

async fn run_on_server(db: &DatabaseConnection, direction: Direction) -> Result<Vec<String>, MigrateError> {
    let before = known_only(insist(|| status(db)).await?)?;
    if db.get_database_backend() == DbBackend::Postgres {
        return insist_on_all(|| Box::pin(whole(db, before.clone(), direction))).await;
    }
    // MySQL commits at each change of the schema: its steps forward can run again.
    match direction {
        Direction::Up => insist_on_all(|| Box::pin(run(db, before.clone(), direction))).await,
        Direction::Down(_) => run(db, before, direction).await,
    }
}

async fn whole(db: &DatabaseConnection, before: Status, direction: Direction) -> Result<Vec<String>, MigrateError> {
    let transaction = db.begin().await?;
    let names = run(&transaction, before, direction).await?;
    transaction.commit().await?;
    Ok(names)
}

/// How often a database that makes way for others is asked.
const ATTEMPTS: u32 = 10;

async fn insist<T, Answer>(ask: impl Fn() -> Answer) -> Result<T, DbErr>
where
    Answer: Future<Output = Result<T, DbErr>>,
{
    faults::insist(ATTEMPTS, |error| refusal(error) == Some(Refusal::MadeWay), ask).await
}

async fn insist_on_all<T, Answer>(ask: impl Fn() -> Answer) -> Result<T, MigrateError>
where
    Answer: Future<Output = Result<T, MigrateError>>,
{
    let made_way = |error: &MigrateError| match error {
        MigrateError::Database(error) => refusal(error) == Some(Refusal::MadeWay),
        _ => false,
    };
    faults::insist(ATTEMPTS, made_way, ask).await
}

/// The status, unless a newer program has migrated, or quite another one.
fn known_only(status: Status) -> Result<Status, MigrateError> {
    if status.unknown.is_empty() {
        return Ok(status);
    }
    if status.applied.is_empty() {
        let unknown = status.unknown.join(", ");
        return Err(MigrateError::InTheWay(format!(
            "another program keeps its migrations in this database's table seaql_migrations ({unknown}); \
             use a database of its own"
        )));
    }
    Err(MigrateError::Newer { unknown: status.unknown })
}

async fn run<'c>(
    db: impl IntoSchemaManagerConnection<'c> + Copy,
    before: Status,
    direction: Direction,
) -> Result<Vec<String>, MigrateError> {
    match direction {
        Direction::Up => {
            Migrator::up(db, None).await?;
            let protected = append_only::protect(SchemaManager::new(db).get_connection()).await?;
            if before.pending.is_empty() && !protected.is_empty() {
                tracing::info!("what protects the audit trail was missing and is made again: {}", protected.join(", "));
            }
            Ok(before.pending)
        }
        Direction::Down(steps) => take_back(&SchemaManager::new(db), before.applied, steps).await,
    }
}

/// Forgets a migration before it takes it back: a run that is killed between the two leaves one that is applied again,
/// over what is left of it, and not one that counts as applied and lacks its tables.
async fn take_back(
    manager: &SchemaManager<'_>,
    mut applied: Vec<String>,
    steps: Option<u32>,
) -> Result<Vec<String>, MigrateError> {
    let kept = steps.map_or(0, |steps| applied.len().saturating_sub(usize::try_from(steps).unwrap_or(usize::MAX)));
    let last = applied.split_off(kept);
    for migration in
        Migrator::migrations().iter().rev().filter(|migration| last.iter().any(|name| name == migration.name()))
    {
        seaql_migrations::Entity::delete_by_id(migration.name()).exec(manager.get_connection()).await?;
        migration.down(manager).await?;
    }
    Ok(last)
}
