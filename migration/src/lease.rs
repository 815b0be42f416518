//! One migrator at a time: a row that ends by itself.
//!
//! Lock functions of a database are local to a node of a cluster, and schema changes from two nodes at once wedge a
//! Galera cluster for good; a row is neither. The database's own clock decides, so that those of the processes may
//! differ.

use std::time::Duration;

use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement, Value};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};

/// For how long a process that was killed keeps the others waiting.
const SECONDS: i64 = 15;
const LIFETIME: Duration = Duration::from_secs(15);
const RENEWAL: Duration = Duration::from_secs(4);
const POLL: Duration = Duration::from_millis(100);
const ATTEMPTS_TO_CREATE: u32 = 50;

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
        create_table(db).await?;
        let owner = new_owner(db).await?;
        let mut asked = Instant::now();
        let mut has_told = false;
        while !take(db, &owner).await? {
            if !std::mem::replace(&mut has_told, true) {
                tracing::info!("waiting for another process that migrates the database");
            }
            sleep(POLL).await;
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
        let sql = "DELETE FROM migration_lease WHERE name = 'migrate' AND owner = ?";
        run(&self.db, sql, [self.owner.clone().into()]).await.map(|_| ())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

async fn create_table(db: &DatabaseConnection) -> Result<(), DbErr> {
    // Several at once make each other fail, even with IF NOT EXISTS.
    let mut attempts = 1;
    while let Err(error) = db.execute_unprepared(CREATE).await {
        if attempts == ATTEMPTS_TO_CREATE {
            return Err(error);
        }
        attempts += 1;
        sleep(POLL).await;
    }
    Ok(())
}

async fn new_owner(db: &DatabaseConnection) -> Result<String, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), "SELECT UUID() AS owner");
    let row = db.query_one_raw(statement).await?.ok_or_else(|| DbErr::RecordNotFound("UUID()".to_owned()))?;
    row.try_get("", "owner")
}

/// Takes a lease that nobody has or that has ended.
async fn take(db: &DatabaseConnection, owner: &str) -> Result<bool, DbErr> {
    let insert = "INSERT IGNORE INTO migration_lease (name, owner, expires_at) \
                  VALUES ('migrate', ?, UNIX_TIMESTAMP() + ?)";
    let replace = "UPDATE migration_lease SET owner = ?, expires_at = UNIX_TIMESTAMP() + ? \
                   WHERE name = 'migrate' AND expires_at < UNIX_TIMESTAMP()";
    for sql in [insert, replace] {
        if run(db, sql, [owner.into(), SECONDS.into()]).await? == 1 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Renews the lease, as of when it was asked for last, and ends when it is lost.
fn keep(db: DatabaseConnection, owner: String, mut asked: Instant) -> JoinHandle<()> {
    let sql = "UPDATE migration_lease SET expires_at = UNIX_TIMESTAMP() + ? WHERE name = 'migrate' AND owner = ?";
    let renew = async move {
        loop {
            sleep(RENEWAL).await;
            let now = Instant::now();
            match timeout_at(asked + LIFETIME, run(&db, sql, [SECONDS.into(), owner.as_str().into()])).await {
                Ok(Ok(1..)) => asked = now,
                Ok(Err(error)) => tracing::warn!(%error, "the migration lease could not be renewed"),
                Ok(Ok(0)) | Err(_) => return,
            }
        }
    };
    #[expect(clippy::disallowed_methods, reason = "the lease ends the task when it is dropped")]
    tokio::spawn(renew)
}

async fn run<const N: usize>(db: &DatabaseConnection, sql: &str, values: [Value; N]) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.execute_raw(statement).await?.rows_affected())
}
