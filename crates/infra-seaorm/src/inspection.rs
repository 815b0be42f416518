//! What an operator wants to know of the database, and mend.

use async_trait::async_trait;
use chrono::NaiveDateTime;
use domain::ports::{CountDifference, LooseEnd, StorageDescription, StorageError, StorageInspection, StorageSetting};
use sea_orm::sea_query::{Expr, ExprTrait as _, InsertStatement, OnConflict, Query, SelectStatement};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, QueryResult, Statement};
use uuid::Uuid;

use crate::faults::unreadable;
use crate::moments::from_stored;
use crate::statements::statement;
use crate::storage::SeaOrmStorage;
use crate::unit::Unit;
use crate::users::recount::{self, Difference};
use crate::users::span::Level;

/// So many blocks are counted at a time, so that no statement takes long.
const BLOCKS_AT_ONCE: i64 = 32;

/// The guards that units of work pass.
const GUARDS: [&str; 1] = ["admins"];
/// Passed by whoever mends. It is made when it is needed first.
const MENDING: &str = "mending";

/// How many there are of each kind. The key of nobody is the service's own.
const LOOSE_ENDS: [(LooseEnd, &str); 4] = [
    (
        LooseEnd::UserWithoutKey,
        "SELECT COUNT(*) AS n FROM users \
         WHERE NOT EXISTS (SELECT 1 FROM subject_keys WHERE subject_keys.subject_id = users.uuid)",
    ),
    (
        LooseEnd::KeyWithoutUser,
        "SELECT COUNT(*) AS n FROM subject_keys WHERE subject_id <> ? \
         AND NOT EXISTS (SELECT 1 FROM users WHERE users.uuid = subject_keys.subject_id)",
    ),
    (
        LooseEnd::SessionWithoutUser,
        "SELECT COUNT(*) AS n FROM sessions \
         WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.uuid = sessions.user_uuid)",
    ),
    (LooseEnd::MissingPosition, "SELECT COALESCE(MAX(position), 0) - COUNT(*) AS n FROM audit_chain"),
];

#[async_trait]
impl StorageInspection for SeaOrmStorage {
    async fn describe(&self) -> Result<StorageDescription, StorageError> {
        let facts = Facts::of(self.backend());
        let (asked, kind) = (facts.sql, self.backend());
        let ask = move |db: sea_orm::DatabaseConnection| async move {
            db.query_all_raw(Statement::from_string(kind, asked)).await
        };
        let rows = self.read(ask).await?;
        let row = rows.first().ok_or_else(|| unreadable(DbErr::RecordNotFound("facts".to_owned())))?;
        facts.describe(row).map_err(unreadable)
    }

    async fn count_differences(&self) -> Result<Vec<CountDifference>, StorageError> {
        let (mut found, mut from) = (Vec::new(), i64::MIN);
        while let Some(first) = self.next_block(from).await? {
            let last = first.saturating_add(BLOCKS_AT_ONCE - 1);
            let select = recount::of_blocks(self.backend(), first, last);
            for row in self.rows(select).await? {
                Difference::of(Level::Block, &row).map_err(unreadable)?.tell(&mut found);
            }
            let Some(next) = last.checked_add(1) else { break };
            from = next;
        }
        for level in [Level::Group, Level::Region] {
            let Some(select) = recount::of_sums(self.backend(), level, None) else { continue };
            for row in self.rows(select).await? {
                Difference::of(level, &row).map_err(unreadable)?.tell(&mut found);
            }
        }
        Ok(found)
    }

    async fn mend_counts(&self, block: i64) -> Result<Vec<CountDifference>, StorageError> {
        let mut unit = self.begin_unit().await?;
        unit.enter()?;
        execute(&unit, pass_or_make(MENDING)).await?;
        let mut mended = Vec::new();
        // From the smallest: each level is compared with the one below, which is right by then.
        for level in [Level::Block, Level::Group, Level::Region] {
            let select = recount::of_sums(self.backend(), level, Some(block))
                .unwrap_or_else(|| recount::of_blocks(self.backend(), block, block));
            let rows = unit
                .ask(|transaction| async move { transaction.query_all(&select).await })
                .await
                .map_err(|failure| unit.storage_error(failure))?;
            for row in &rows {
                let difference = Difference::of(level, row).map_err(unreadable)?;
                unit.execute(difference.correction(self.backend())).await?;
                difference.tell(&mut mended);
            }
        }
        unit.succeed();
        unit.end().await?;
        Ok(mended)
    }

    async fn missing_guards(&self) -> Result<Vec<String>, StorageError> {
        let select = Query::select().column("name").from("guards").take();
        let rows = self.rows(select).await?;
        let there: Vec<String> =
            rows.iter().map(|row| row.try_get("", "name")).collect::<Result<_, _>>().map_err(unreadable)?;
        Ok(GUARDS.iter().filter(|name| !there.iter().any(|there| there == *name)).map(ToString::to_string).collect())
    }

    async fn mend_guards(&self) -> Result<Vec<String>, StorageError> {
        let missing = self.missing_guards().await?;
        for name in &missing {
            let mut unit = self.begin_unit().await?;
            unit.enter()?;
            execute(&unit, pass_or_make(name)).await?;
            unit.succeed();
            unit.end().await?;
        }
        Ok(missing)
    }

    async fn missing_protections(&self) -> Result<Vec<String>, StorageError> {
        self.read(|db| async move { migration::append_only::missing(&db).await }).await
    }

    async fn loose_ends(&self) -> Result<Vec<(LooseEnd, u64)>, StorageError> {
        let mut found = Vec::new();
        for (kind, sql) in LOOSE_ENDS {
            let rows =
                self.rows_of(statement(self.backend(), sql, sql.contains('?').then(|| Uuid::nil().into()))).await?;
            let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get("", "n")).map_err(unreadable)?;
            found.extend(u64::try_from(count).ok().filter(|count| *count > 0).map(|count| (kind, count)));
        }
        Ok(found)
    }
}

impl SeaOrmStorage {
    async fn next_block(&self, from: i64) -> Result<Option<i64>, StorageError> {
        let rows = self.rows(recount::next_block(self.backend(), from)).await?;
        rows.first().map_or(Ok(None), |row| row.try_get("", "block")).map_err(unreadable)
    }

    async fn rows(&self, select: SelectStatement) -> Result<Vec<QueryResult>, StorageError> {
        self.read(move |db| {
            let select = select.clone();
            async move { db.query_all(&select).await }
        })
        .await
    }
}

/// Changes a guard's row, which is made if it is not there: whoever else does so waits, or fails.
fn pass_or_make(name: &str) -> InsertStatement {
    let passed = OnConflict::column("name").value("n", Expr::col(("guards", "n")).add(1)).to_owned();
    Query::insert()
        .into_table("guards")
        .columns(["name", "n"])
        .values_panic([name.into(), 0_i64.into()])
        .on_conflict(passed)
        .take()
}

async fn execute(unit: &Unit, statement: InsertStatement) -> Result<(), StorageError> {
    let done = unit.ask(|transaction| async move { transaction.execute(&statement).await }).await;
    done.map(|_| ()).map_err(|failure| unit.storage_error(failure))
}

/// What is asked of a database, and what the answers should be.
struct Facts {
    product: &'static str,
    sql: &'static str,
    /// A setting, and what its value must hold.
    expected: &'static [(&'static str, &'static str)],
}

impl Facts {
    /// Isolation and mode are those of our sessions, which is what counts. Being read-only is the server's too: a standby
    /// of PostgreSQL says so for each transaction; MariaDB has more values than on and off, and MySQL's
    /// `super_read_only` implies `read_only`.
    fn of(backend: DbBackend) -> Self {
        match backend {
            DbBackend::MySql => Self {
                product: "",
                sql: "SELECT CAST(CONCAT(CASE WHEN VERSION() LIKE '%MariaDB%' THEN 'MariaDB ' ELSE 'MySQL ' END, VERSION()) AS CHAR) \
                      AS version, UTC_TIMESTAMP(6) AS now, \
                      CAST(@@session.sql_mode AS CHAR) AS sql_mode, CAST(@@character_set_connection AS CHAR) AS charset, \
                      CAST(/*M!100101 @@session.tx_isolation */ /*!80000 @@session.transaction_isolation */ AS CHAR) AS isolation, \
                      CAST(CASE WHEN CAST(@@global.read_only AS CHAR) IN ('0', 'OFF') AND NOT @@global.innodb_read_only \
                      AND NOT /*M!100101 (@@session.tx_read_only AND NOT @@wsrep_on) */ \
                      /*!80000 @@session.transaction_read_only */ \
                      THEN 'off' ELSE 'on' END AS CHAR) AS read_only",
                expected: &[
                    ("read_only", "off"),
                    ("isolation", "READ-COMMITTED"),
                    ("sql_mode", "STRICT_ALL_TABLES"),
                    ("charset", "utf8mb4"),
                ],
            },
            DbBackend::Postgres => Self {
                product: "PostgreSQL ",
                sql: "SELECT current_setting('server_version') AS version, (clock_timestamp() AT TIME ZONE 'UTC') AS now, \
                      current_setting('server_encoding') AS encoding, \
                      current_setting('default_transaction_isolation') AS isolation, \
                      current_setting('transaction_read_only') AS read_only",
                expected: &[("read_only", "off"), ("encoding", "UTF8"), ("isolation", "read committed")],
            },
            _ => Self {
                product: "SQLite ",
                sql: "SELECT sqlite_version() AS version, \
                      (SELECT journal_mode FROM pragma_journal_mode) AS journal_mode",
                expected: &[("journal_mode", "wal")],
            },
        }
    }

    fn describe(&self, row: &QueryResult) -> Result<StorageDescription, DbErr> {
        let version: String = row.try_get("", "version")?;
        let now = row.try_get::<NaiveDateTime>("", "now").ok().map(from_stored);
        let settings = self.expected.iter().map(|(name, expected)| {
            let value: String = row.try_get("", name)?;
            let expected = (!value.contains(expected)).then_some(*expected);
            Ok(StorageSetting { name, value, expected })
        });
        let settings = settings.collect::<Result<_, DbErr>>()?;
        Ok(StorageDescription { version: format!("{}{version}", self.product), now, settings })
    }
}
