//! What finds a text anywhere in somebody's names: an index of pieces of three characters.
//!
//! PostgreSQL has `pg_trgm`, SQLite FTS5 with its tokenizer `trigram`; both follow the table by themselves. MySQL and
//! MariaDB get nothing: what their full-text indexes offer is dearer than looking at the users, see `docs/DATABASES.md`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::faults::{Refusal, refusal};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_database_backend() {
            DbBackend::Postgres => on_postgres(manager).await,
            DbBackend::Sqlite => on_sqlite(manager).await,
            _ => Ok(()),
        }
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements: &[&str] = match manager.get_database_backend() {
            // The extension may serve others as well.
            DbBackend::Postgres => &["DROP INDEX IF EXISTS ix_users_search"],
            DbBackend::Sqlite => &[
                "DROP TRIGGER IF EXISTS users_search_insert",
                "DROP TRIGGER IF EXISTS users_search_update",
                "DROP TRIGGER IF EXISTS users_search_delete",
                "DROP TABLE IF EXISTS user_search",
            ],
            _ => &[],
        };
        run(manager, statements).await
    }
}

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

async fn on_postgres(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if schema_of_the_extension(manager).await?.is_none() {
        let create = manager.get_connection().execute_unprepared("CREATE EXTENSION pg_trgm");
        create.await.map_err(explain)?;
    }
    let schema = schema_of_the_extension(manager).await?.unwrap_or_default();
    // `infra-seaorm` names this expression. No name holds the control character in between.
    let index = format!(
        "CREATE INDEX IF NOT EXISTS ix_users_search ON users USING gin \
         ((username_folded || chr(31) || email_folded || chr(31) || COALESCE(full_name_folded, '') || chr(31) \
         || COALESCE(last_name_folded, '')) {schema}.gin_trgm_ops)"
    );
    run(manager, &[&index]).await
}

/// Quoted. It may be another one than the tables are in.
async fn schema_of_the_extension(manager: &SchemaManager<'_>) -> Result<Option<String>, DbErr> {
    let ask = "SELECT quote_ident(n.nspname) AS name FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace \
               WHERE e.extname = 'pg_trgm'";
    let row = manager.get_connection().query_one_raw(Statement::from_string(DbBackend::Postgres, ask)).await?;
    row.map(|row| row.try_get("", "name")).transpose()
}

fn explain(error: DbErr) -> DbErr {
    let why = match refusal(&error) {
        // Nobody has to do anything: it is asked again.
        Some(Refusal::MadeWay) => return error,
        Some(Refusal::Denied) => "this user may not make it",
        _ => "it could not be made",
    };
    DbErr::Migration(format!(
        "searching inside names needs the extension pg_trgm, and {why} ({error}): let an administrator run CREATE EXTENSION \
         pg_trgm in this database (the package is postgresql-contrib where it is not there), then migrate again"
    ))
}

async fn on_sqlite(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    run(
        manager,
        &[
            "CREATE VIRTUAL TABLE IF NOT EXISTS user_search USING fts5( \
             username_folded, email_folded, full_name_folded, last_name_folded, \
             content = 'users', content_rowid = 'id', tokenize = 'trigram case_sensitive 1', detail = 'none')",
            // Whoever is erased leaves nothing behind in it.
            "INSERT INTO user_search (user_search, rank) VALUES ('secure-delete', 1)",
            "CREATE TRIGGER IF NOT EXISTS users_search_insert AFTER INSERT ON users BEGIN \
             INSERT INTO user_search (rowid, username_folded, email_folded, full_name_folded, last_name_folded) \
             VALUES (NEW.id, NEW.username_folded, NEW.email_folded, NEW.full_name_folded, NEW.last_name_folded); END",
            "CREATE TRIGGER IF NOT EXISTS users_search_delete AFTER DELETE ON users BEGIN \
             INSERT INTO user_search \
             (user_search, rowid, username_folded, email_folded, full_name_folded, last_name_folded) VALUES \
             ('delete', OLD.id, OLD.username_folded, OLD.email_folded, OLD.full_name_folded, OLD.last_name_folded); END",
            "CREATE TRIGGER IF NOT EXISTS users_search_update AFTER UPDATE ON users \
             WHEN OLD.username_folded <> NEW.username_folded OR OLD.email_folded <> NEW.email_folded \
             OR OLD.full_name_folded IS NOT NEW.full_name_folded OR OLD.last_name_folded IS NOT NEW.last_name_folded BEGIN \
             INSERT INTO user_search \
             (user_search, rowid, username_folded, email_folded, full_name_folded, last_name_folded) VALUES \
             ('delete', OLD.id, OLD.username_folded, OLD.email_folded, OLD.full_name_folded, OLD.last_name_folded); \
             INSERT INTO user_search (rowid, username_folded, email_folded, full_name_folded, last_name_folded) \
             VALUES (NEW.id, NEW.username_folded, NEW.email_folded, NEW.full_name_folded, NEW.last_name_folded); END",
            "INSERT INTO user_search (user_search) VALUES ('rebuild')",
        ],
    )
    .await
}
