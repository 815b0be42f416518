//! One migrator at a time: a row that ends by itself.
//!
//! Lock functions of a database are local to a node of a cluster, and schema changes from two nodes at once wedge a
//! Galera cluster for good; a row is neither. The database's own clock decides, so that those of the processes may
//! differ.

use std::time::Duration;

use sea_orm_migration::sea_orm::sea_query::{Expr, ExprTrait, Query, UpdateStatement};
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::faults::{self, PAUSE, Refusal, refusal};

/// For how long a process that was killed keeps the others waiting.
const SECONDS: i64 = 15;
const LIFETIME: Duration = Duration::from_secs(15);
const RENEWAL: Duration = Duration::from_secs(4);
const ATTEMPTS: u32 = 50;

const TABLE: &str = "migration_lease";
const NAME: &str = "migrate";
const CREATE: &str = "CREATE TABLE IF NOT EXISTS migration_lease (name VARCHAR(32) PRIMARY KEY, \
                      owner VARCHAR(64) NOT NULL, expires_at BIGINT NOT NULL)";

/// The right to change the schema, renewed until it is given back or the process ends.
pub(crate) struct Lease {
    db: DatabaseConnection,
    owner: String,
    renewal: JoinHandle<()>,
}

impl Lease {
    /// Waits for the right. `db` needs two connections, the second for renewing it.
    pub(crate) async fn acquire(db: &DatabaseConnection) -> Result<Self, DbErr> {
        insist(|| db.execute_unprepared(CREATE)).await?;
        let owner = insist(|| new_owner(db)).await?;
        let mut asked = Instant::now();
        let mut has_told = false;
        while !insist(|| take(db, &owner)).await? {
            if !std::mem::replace(&mut has_told, true) {
                tracing::info!("waiting for another process that migrates the database");
            }
            sleep(PAUSE).await;
            asked = Instant::now();
        }
        let renewal = keep(db.clone(), owner.clone(), asked);
        Ok(Self { db: db.clone(), owner, renewal })
    }

    /// Returns when the right is lost: another process has it, or it could not be renewed in time.
    pub(crate) async fn lost(&mut self) {
        let _ = (&mut self.renewal).await;
    }

    /// Gives the right back.
    pub(crate) async fn release(self) -> Result<(), DbErr> {
        self.renewal.abort();
        let delete = Query::delete()
            .from_table(TABLE)
            .and_where(Expr::col("name").eq(NAME))
            .and_where(Expr::col("owner").eq(self.owner.as_str()))
            .take();
        insist(|| self.db.execute(&delete)).await.map(|_| ())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

/// Asks again what the server may do then.
async fn insist<T, Answer>(ask: impl Fn() -> Answer) -> Result<T, DbErr>
where
    Answer: Future<Output = Result<T, DbErr>>,
{
    let may_do_then = |error: &DbErr| matches!(refusal(error), Some(Refusal::MadeWay | Refusal::Other));
    faults::insist(ATTEMPTS, may_do_then, ask).await
}

async fn new_owner(db: &DatabaseConnection) -> Result<String, DbErr> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => "SELECT CAST(gen_random_uuid() AS TEXT) AS owner",
        _ => "SELECT UUID() AS owner",
    };
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("UUID()".to_owned()))?.try_get("", "owner")
}

/// Takes a lease that nobody has or that has ended.
async fn take(db: &DatabaseConnection, owner: &str) -> Result<bool, DbErr> {
    let backend = db.get_database_backend();
    let replace = extend(backend).value("owner", owner).and_where(Expr::col("expires_at").lt(now(backend))).take();
    Ok(db.execute_raw(insert(backend, owner)).await?.rows_affected() == 1
        || db.execute(&replace).await?.rows_affected() == 1)
}

/// Renews the lease, as of when it was asked for last, and ends when it is lost.
fn keep(db: DatabaseConnection, owner: String, mut asked: Instant) -> JoinHandle<()> {
    let renewal = extend(db.get_database_backend()).and_where(Expr::col("owner").eq(owner)).take();
    let renew = async move {
        loop {
            let end = asked + LIFETIME;
            sleep_until(end.min(Instant::now() + RENEWAL)).await;
            let now = Instant::now();
            // After the end `timeout_at` would ask once more.
            if now >= end {
                return;
            }
            match timeout_at(end, db.execute(&renewal)).await {
                Ok(Ok(renewed)) if renewed.rows_affected() > 0 => asked = now,
                Ok(Err(error)) => tracing::warn!(%error, "the migration lease could not be renewed"),
                Ok(Ok(_)) | Err(_) => return,
            }
        }
    };
    #[expect(clippy::disallowed_methods, reason = "the lease ends the task when it is dropped")]
    tokio::spawn(renew)
}

/// Makes the row, unless somebody has.
///
/// Not with an update that changes nothing, which MySQL counts as a row too.
fn insert(backend: DbBackend, owner: &str) -> Statement {
    let sql = match backend {
        DbBackend::Postgres => {
            "INSERT INTO migration_lease (name, owner, expires_at) \
             VALUES ('migrate', $1, CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT) + $2) ON CONFLICT DO NOTHING"
        }
        _ => {
            "INSERT IGNORE INTO migration_lease (name, owner, expires_at) \
             VALUES ('migrate', ?, UNIX_TIMESTAMP() + ?)"
        }
    };
    Statement::from_sql_and_values(backend, sql, [owner.into(), SECONDS.into()])
}

/// Moves the end of a lease, whose is still to be said.
fn extend(backend: DbBackend) -> UpdateStatement {
    Query::update().table(TABLE).value("expires_at", end(backend)).and_where(Expr::col("name").eq(NAME)).take()
}

/// When a lease ends that is taken now.
fn end(backend: DbBackend) -> Expr {
    now(backend).add(SECONDS)
}

/// The database's clock, in seconds since 1970.
fn now(backend: DbBackend) -> Expr {
    Expr::cust(match backend {
        DbBackend::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)",
        _ => "UNIX_TIMESTAMP()",
    })
}
