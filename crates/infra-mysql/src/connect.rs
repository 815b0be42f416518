//! Connecting to the server.

use std::time::Duration;

use async_trait::async_trait;
use infra_seaorm::{CONNECTION_LIFETIME, Pools, Reconnect, Undoing, everyday_statements};
use sea_orm::sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sea_orm::sqlx::{ConnectOptions as _, Connection, Executor, SqlSafeStr as _, raw_sql};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, DbErr, RuntimeErr, SqlxError,
    Statement,
};

/// Where the server is, and how many connections it gets.
#[derive(Clone)]
pub struct MySqlSettings {
    /// `mysql://USER:PASSWORD@HOST:PORT/DATABASE`, with the driver's parameters, such as `ssl-mode`.
    pub url: String,
    /// How many connections at most.
    pub pool_size: u32,
    /// How long a connection is waited for.
    pub acquire_timeout: Duration,
}

impl std::fmt::Debug for MySqlSettings {
    /// Without the URL, which holds the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MySqlSettings").field("pool_size", &self.pool_size).finish_non_exhaustive()
    }
}

/// A connection that was idle for longer may have been dropped by the server or by something between.
const TRUSTED_WHEN_IDLE: Duration = Duration::from_millis(500);

/// Once a connection. Too long a text and a date that is none are errors, never cut or zero, whatever the server's mode.
/// A lock is waited for less long than an answer, so that a unit of work that waits in vain is tried again rather than
/// given up; a statement that nobody waits for any more ends soon, else those of a server that is slow for long would pile
/// up. A client that vanished without a word keeps its row locks until the server gives it up: a minute, not the
/// eight hours of the default.
///
/// On a Galera cluster nothing is changed outside transactions that ask for it. A node that undoes a transaction while a
/// statement of it is prepared tells nobody: the statements that follow would be kept, each by itself.
const SESSION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
                       SET SESSION innodb_lock_wait_timeout = 1, lock_wait_timeout = 1 /*M!100301 - 1 */; \
                       SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE'); \
                       SET SESSION wait_timeout = 60 \
                       /*M!100101 , max_statement_time = 5, tx_read_only = @@wsrep_on */ \
                       /*!80000 , max_execution_time = 5000 */";

/// From then on a table that somebody alters is waited for. Before, while a connection gets to know statements, it is not, as
/// far as the server allows: MySQL waits for a second at least.
const WAIT_FOR_TABLES: &str = "SET SESSION lock_wait_timeout = 1";

/// Whether it is one. MySQL has no such variable.
const IS_A_CLUSTER: &str = "SELECT CAST(0 /*M!100101 + @@wsrep_on */ AS SIGNED) AS is_a_cluster";

/// Who refuses does so at once; who is silent gives no reason.
const PATIENCE_FOR_A_REASON: Duration = Duration::from_millis(500);

/// Nobody waits for an answer, and a server that changes its schema for several at once may take seconds to let one in.
const PATIENCE_OF_MIGRATING: Duration = Duration::from_secs(10);

/// For the migrations on a Galera cluster: read what other nodes have committed.
const SEE_OTHER_NODES: &str = "SET SESSION wsrep_sync_wait = 1";

pub(crate) async fn connect(settings: &MySqlSettings) -> Result<Pools, DbErr> {
    let db = Database::connect(pool_for_service(settings)?).await?;
    let undoing = if is_a_cluster(&db).await? { Undoing::MayGoUnsaid } else { Undoing::Told };
    Ok(Pools { reader: db.clone(), writer: db, undoing })
}

/// Whether the server can be reached is seen later, and so is what it is.
pub(crate) async fn connect_later(settings: &MySqlSettings) -> Result<Pools, DbErr> {
    let mut options = pool_for_service(settings)?;
    options.connect_lazy(true);
    let db = Database::connect(options).await?;
    Ok(Pools { reader: db.clone(), writer: db, undoing: Undoing::MayGoUnsaid })
}

fn pool_for_service(settings: &MySqlSettings) -> Result<ConnectOptions, DbErr> {
    let mut options = pool(settings)?;
    options.max_connections(settings.pool_size).test_before_acquire_if_idle_for(TRUSTED_WHEN_IDLE);
    options.map_sqlx_mysql_pool_opts(|options| {
        options
            .after_connect(|connection, _| Box::pin(prepare(connection)))
            .after_release(|_, used| Box::pin(async move { Ok(used.age < CONNECTION_LIFETIME) }))
    });
    Ok(options)
}

async fn is_a_cluster(db: &DatabaseConnection) -> Result<bool, DbErr> {
    let row = db.query_one_raw(Statement::from_string(DbBackend::MySql, IS_A_CLUSTER)).await?;
    Ok(row.map(|row| row.try_get::<i64>("", "is_a_cluster")).transpose()? == Some(1))
}

/// Connects for the first time, and says why if that fails: a pool only knows that it waited.
pub(crate) async fn connect_first(settings: &MySqlSettings) -> Result<Pools, DbErr> {
    match connect(settings).await {
        Err(error) => Err(advised(reason(&settings.url).await.unwrap_or(error))),
        pools => pools,
    }
}

/// The error, or what to do about it where the driver only says what its own makers could.
///
/// MySQL wants a password that it does not remember over TLS, or sealed by RSA, which is not built in (RUSTSEC-2023-0071).
fn advised(error: DbErr) -> DbErr {
    match &error {
        DbErr::Conn(RuntimeErr::SqlxError(cause)) if is_about_rsa(cause) => {
            DbErr::Conn(RuntimeErr::Internal(ONLY_OVER_TLS.to_owned()))
        }
        _ => error,
    }
}

fn is_about_rsa(error: &SqlxError) -> bool {
    matches!(error, SqlxError::Configuration(why) if why.to_string().contains("RSA auth backend"))
}

const ONLY_OVER_TLS: &str = "the server takes this password over TLS only: take ssl-mode=disabled out of the URL, or turn \
                             TLS on at the server";

/// What one connection without a pool meets.
async fn reason(url: &str) -> Option<DbErr> {
    let server = server(url).ok()?;
    match tokio::time::timeout(PATIENCE_FOR_A_REASON, MySqlConnection::connect_with(&server)).await {
        Ok(Err(error)) => Some(DbErr::Conn(RuntimeErr::SqlxError(error.into()))),
        Ok(Ok(_)) | Err(_) => None,
    }
}

#[async_trait]
impl Reconnect for MySqlSettings {
    async fn reconnect(&self) -> Result<Pools, DbErr> {
        connect(self).await
    }
}

/// Two connections, one to migrate and one to renew the lease, that wait for locks as long as it takes.
pub(crate) async fn connect_for_migrating(settings: &MySqlSettings) -> Result<DatabaseConnection, DbErr> {
    let mut options = pool(settings)?;
    options.max_connections(2).acquire_timeout(PATIENCE_OF_MIGRATING).test_before_acquire(true);
    options.map_sqlx_mysql_pool_opts(|options| {
        options.after_connect(|connection, _| Box::pin(see_other_nodes(connection)))
    });
    Database::connect(options).await
}

async fn prepare(connection: &mut MySqlConnection) -> Result<(), SqlxError> {
    connection.execute(raw_sql(SESSION)).await?;
    for statement in everyday_statements(DbBackend::MySql) {
        match connection.prepare(statement.into_sql_str()).await {
            Ok(_) => {}
            // Before the migrations there is nothing to prepare them for, and during some there is no getting at it.
            Err(SqlxError::Database(_)) => break,
            Err(error) => return Err(error),
        }
    }
    connection.execute(raw_sql(WAIT_FOR_TABLES)).await.map(|_| ())
}

async fn see_other_nodes(connection: &mut MySqlConnection) -> Result<(), SqlxError> {
    match connection.execute(raw_sql(SEE_OTHER_NODES)).await {
        // MySQL has no such variable.
        Ok(_) | Err(SqlxError::Database(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The URL itself is not handed on: SeaORM writes what it gets into its traces, with the password.
fn pool(settings: &MySqlSettings) -> Result<ConnectOptions, DbErr> {
    let server = server(&settings.url)?.disable_statement_logging();
    let mut options = ConnectOptions::new("mysql://localhost");
    options.acquire_timeout(settings.acquire_timeout).idle_timeout(None).max_lifetime(None);
    options.sqlx_logging(false).record_stmt_in_spans(false);
    options.map_sqlx_mysql_opts(move |_| server.clone());
    Ok(options)
}

/// Where the URL leads to.
fn server(url: &str) -> Result<MySqlConnectOptions, DbErr> {
    let options: MySqlConnectOptions =
        url.parse().map_err(|error: SqlxError| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
    // The driver hands an IPv6 address to the resolver as it stands in a URL, in brackets.
    let bare = options.get_host().strip_prefix('[').and_then(|host| host.strip_suffix(']')).map(str::to_owned);
    let options = match bare {
        Some(host) => options.host(&host),
        None => options,
    };
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_address_reaches_the_resolver_without_its_brackets() {
        let of = |url: &str| server(url).map(|server| server.get_host().to_owned()).ok();
        let scheme = "mysql";
        assert_eq!(of(&format!("{scheme}://ann@[::1]:3306/users")).as_deref(), Some("::1"));
        assert_eq!(of(&format!("{scheme}://ann@db.example.com/users")).as_deref(), Some("db.example.com"));
    }
}
