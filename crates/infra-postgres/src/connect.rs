//! Connecting to the server.

use std::time::Duration;

use async_trait::async_trait;
use infra_seaorm::{CONNECTION_LIFETIME, Pools, Reconnect, Undoing, everyday_statements};
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{ConnectOptions as _, Connection, Executor, SqlSafeStr as _, raw_sql};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};
use sea_orm::{RuntimeErr, SqlxError};

/// Where the server is, and how many connections it gets.
#[derive(Clone)]
pub struct PostgresSettings {
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with the driver's parameters, such as `sslmode`.
    pub url: String,
    /// How many connections at most.
    pub pool_size: u32,
    /// How long a connection is waited for.
    pub acquire_timeout: Duration,
}

impl std::fmt::Debug for PostgresSettings {
    /// Without the URL, which holds the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresSettings").field("pool_size", &self.pool_size).finish_non_exhaustive()
    }
}

/// A connection that was idle for longer may have been dropped by the server or by something between.
const TRUSTED_WHEN_IDLE: Duration = Duration::from_millis(500);

/// Once a connection, whatever the server's or the user's own defaults are. A lock is waited for less long than an answer,
/// so that a unit of work that waits in vain is tried again rather than given up; a statement that nobody waits for any
/// more ends soon, else those of a server that is slow for long would pile up. A client that vanished without a word
/// keeps its row locks until the server gives it up: a minute.
const SESSION: &str = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED; \
                       SET SESSION lock_timeout = '10ms'; SET SESSION statement_timeout = '5s'; \
                       SET SESSION idle_in_transaction_session_timeout = '60s'; \
                       SET SESSION client_min_messages = 'warning'";

/// From then on a lock is waited for. Before, while a connection gets to know statements, next to not at all.
const WAIT_FOR_LOCKS: &str = "SET SESSION lock_timeout = '1s'";

/// A migration may take as long as it takes, but a process that vanished in the middle of one gives its locks back as soon
/// as its lease has ended, or the next would wait for it until the kernel gives its connection up. Notices such as
/// "relation already exists, skipping" say nothing to whoever reads the log.
const SESSION_FOR_MIGRATING: &str = "SET SESSION lock_timeout = 0; SET SESSION statement_timeout = 0; \
                                     SET SESSION idle_in_transaction_session_timeout = '15s'; \
                                     SET SESSION client_min_messages = 'warning'";

/// Who refuses does so at once; who is silent gives no reason.
const PATIENCE_FOR_A_REASON: Duration = Duration::from_millis(500);

/// Nobody waits for an answer, and a server that changes its schema for several at once may take seconds to let one in.
const PATIENCE_OF_MIGRATING: Duration = Duration::from_secs(10);

pub(crate) async fn connect(settings: &PostgresSettings) -> Result<Pools, DbErr> {
    one_pool(pool_for_service(settings)?).await
}

/// Whether the server can be reached is seen later.
pub(crate) async fn connect_later(settings: &PostgresSettings) -> Result<Pools, DbErr> {
    let mut options = pool_for_service(settings)?;
    options.connect_lazy(true);
    one_pool(options).await
}

fn pool_for_service(settings: &PostgresSettings) -> Result<ConnectOptions, DbErr> {
    let mut options = pool(settings)?;
    options.max_connections(settings.pool_size).test_before_acquire_if_idle_for(TRUSTED_WHEN_IDLE);
    options.map_sqlx_postgres_pool_opts(|options| {
        options
            .after_connect(|connection, _| Box::pin(prepare_for_service(connection)))
            .after_release(|_, used| Box::pin(async move { Ok(used.age < CONNECTION_LIFETIME) }))
    });
    Ok(options)
}

async fn one_pool(options: ConnectOptions) -> Result<Pools, DbErr> {
    let db = Database::connect(options).await?;
    Ok(Pools { reader: db.clone(), writer: db, undoing: Undoing::Told })
}

/// Connects for the first time, and says why if that fails: a pool only knows that it waited.
pub(crate) async fn connect_first(settings: &PostgresSettings) -> Result<Pools, DbErr> {
    match connect(settings).await {
        Err(error) => Err(reason(&settings.url).await.unwrap_or(error)),
        Ok(pools) => only_utf8(&pools.writer).await.map(|()| pools),
    }
}

/// What one connection without a pool meets.
async fn reason(url: &str) -> Option<DbErr> {
    let server = server(url).ok()?;
    match tokio::time::timeout(PATIENCE_FOR_A_REASON, PgConnection::connect_with(&server)).await {
        Ok(Err(error)) => Some(DbErr::Conn(RuntimeErr::SqlxError(error.into()))),
        Ok(Ok(_)) | Err(_) => None,
    }
}

/// In another encoding some names could be neither stored nor searched.
async fn only_utf8(db: &DatabaseConnection) -> Result<(), DbErr> {
    let ask = Statement::from_string(DbBackend::Postgres, "SELECT current_setting('server_encoding') AS encoding");
    let row = db.query_one_raw(ask).await?.ok_or_else(|| DbErr::RecordNotFound("server_encoding".to_owned()))?;
    let encoding: String = row.try_get("", "encoding")?;
    if encoding == "UTF8" {
        return Ok(());
    }
    Err(DbErr::Custom(format!(
        "its encoding is {encoding}; make it with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
    )))
}

#[async_trait]
impl Reconnect for PostgresSettings {
    async fn reconnect(&self) -> Result<Pools, DbErr> {
        connect(self).await
    }
}

/// Two connections, one to migrate and one to renew the lease, that wait for locks as long as it takes.
pub(crate) async fn connect_for_migrating(settings: &PostgresSettings) -> Result<DatabaseConnection, DbErr> {
    let mut options = pool(settings)?;
    options.max_connections(2).acquire_timeout(PATIENCE_OF_MIGRATING).test_before_acquire(true);
    options.map_sqlx_postgres_pool_opts(|options| {
        options.after_connect(|connection, _| Box::pin(prepare(connection, SESSION_FOR_MIGRATING)))
    });
    Database::connect(options).await
}

async fn prepare(connection: &mut PgConnection, session: &'static str) -> Result<(), SqlxError> {
    connection.execute(raw_sql(session)).await.map(|_| ())
}

async fn prepare_for_service(connection: &mut PgConnection) -> Result<(), SqlxError> {
    prepare(connection, SESSION).await?;
    for statement in everyday_statements(DbBackend::Postgres) {
        match connection.prepare(statement.into_sql_str()).await {
            Ok(_) => {}
            // Before the migrations there is nothing to prepare them for, and during some there is no getting at it.
            Err(SqlxError::Database(_)) => break,
            Err(error) => return Err(error),
        }
    }
    prepare(connection, WAIT_FOR_LOCKS).await
}

/// The URL itself is not handed on: SeaORM writes what it gets into its traces, with the password.
fn pool(settings: &PostgresSettings) -> Result<ConnectOptions, DbErr> {
    let server = server(&settings.url)?.disable_statement_logging();
    let mut options = ConnectOptions::new("postgres://localhost");
    options.acquire_timeout(settings.acquire_timeout).idle_timeout(None).max_lifetime(None);
    options.sqlx_logging(false).record_stmt_in_spans(false);
    options.map_sqlx_postgres_opts(move |_| server.clone());
    Ok(options)
}

/// Where the URL leads to.
fn server(url: &str) -> Result<PgConnectOptions, DbErr> {
    let options: PgConnectOptions =
        url.parse().map_err(|error: SqlxError| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
    // The driver hands an IPv6 address to the resolver as it stands in a URL, in brackets.
    let bare = options.get_host().strip_prefix('[').and_then(|host| host.strip_suffix(']')).map(str::to_owned);
    let options = match bare {
        Some(host) => options.host(&host),
        None => options,
    };
    // A pooler (PgBouncer) refuses the parameter that the driver sends for its floating-point numbers, of which there are none here.
    Ok(options.extra_float_digits(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_address_reaches_the_resolver_without_its_brackets() {
        let of = |url: &str| server(url).map(|server| server.get_host().to_owned()).ok();
        let scheme = "postgres";
        assert_eq!(of(&format!("{scheme}://ann@[::1]:3306/users")).as_deref(), Some("::1"));
        assert_eq!(of(&format!("{scheme}://ann@db.example.com/users")).as_deref(), Some("db.example.com"));
    }
}
