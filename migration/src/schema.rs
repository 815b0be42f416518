//! What differs between the databases, and steps that can run again.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// The databases that the migrations are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Database {
    /// MySQL and MariaDB.
    MySql,
    Postgres,
    Sqlite,
}

/// The steps of a migration on one database. Each finds out whether it was done before.
pub struct Steps<'m, 'c> {
    manager: &'m SchemaManager<'c>,
    database: Database,
}

impl std::fmt::Debug for Steps<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Steps on {:?}", self.database)
    }
}

impl<'m, 'c> Steps<'m, 'c> {
    /// The steps on the manager's database.
    ///
    /// # Errors
    ///
    /// [`DbErr::BackendNotSupported`] for a database that the migrations are not written for.
    pub fn on(manager: &'m SchemaManager<'c>) -> Result<Self, DbErr> {
        let database = match manager.get_database_backend() {
            DbBackend::MySql => Database::MySql,
            DbBackend::Postgres => Database::Postgres,
            DbBackend::Sqlite => Database::Sqlite,
            other => return Err(DbErr::BackendNotSupported { db: other.as_str(), ctx: "migrations" }),
        };
        Ok(Self { manager, database })
    }

    /// Makes the table unless it is there.
    ///
    /// # Errors
    ///
    /// [`DbErr::Migration`] if a table is there that is somebody else's, because it lacks a column.
    pub async fn create_table(&self, name: &'static str, table: &mut TableCreateStatement) -> Result<(), DbErr> {
        table.table(name).if_not_exists();
        if self.manager.has_table(name).await? {
            return self.must_be_ours(name, table.get_columns()).await;
        }
        if self.database == Database::MySql {
            table.engine("InnoDB").character_set("utf8mb4").collate("utf8mb4_bin");
        }
        self.manager.create_table(table.take()).await
    }

    /// Whoever made the table of this name: it must have these columns.
    async fn must_be_ours(&self, name: &str, columns: &[ColumnDef]) -> Result<(), DbErr> {
        for column in columns {
            let column = column.get_column_name();
            if !self.manager.has_column(name, &column).await? {
                return Err(DbErr::Migration(format!(
                    "another program's table stands in the way: there is a table {name}, without the column {column}; \
                     rename it, or use a database of its own"
                )));
            }
        }
        Ok(())
    }

    /// Drops the table if it is there.
    pub async fn drop_table(&self, table: &'static str) -> Result<(), DbErr> {
        self.manager.drop_table(Table::drop().table(table).if_exists().take()).await
    }

    /// Makes the index unless it is there.
    pub async fn index(&self, table: &'static str, name: &'static str, columns: &[&'static str]) -> Result<(), DbErr> {
        let mut index = Index::create();
        for column in columns {
            index.col(*column);
        }
        self.create_index(table, name, index).await
    }

    /// Makes the unique indexes unless they are there, such that a row that violates several is reported for the first.
    pub async fn unique_in_order(
        &self,
        table: &'static str,
        indexes: &[(&'static str, &'static str)],
    ) -> Result<(), DbErr> {
        let mut indexes = indexes.to_vec();
        if self.database == Database::Sqlite {
            // InnoDB and PostgreSQL check the oldest index first, SQLite the newest.
            indexes.reverse();
        }
        for (name, column) in indexes {
            self.create_index(table, name, Index::create().unique().col(column).take()).await?;
        }
        Ok(())
    }

    /// Makes the index on a column that may be longer than an index entry.
    pub async fn index_on_long(
        &self,
        table: &'static str,
        name: &'static str,
        column: &'static str,
    ) -> Result<(), DbErr> {
        let mut index = Index::create();
        match self.database {
            // InnoDB's entries have at most 3,072 bytes.
            Database::MySql => index.col((column, 768)),
            // An entry has at most 2,704 bytes, and a character four. Whoever looks for the beginning of the column names
            // this expression.
            Database::Postgres => index.col(Func::cust("left").arg(Expr::col(column)).arg(Expr::cust("256"))),
            Database::Sqlite => index.col(column),
        };
        self.create_index(table, name, index).await
    }

    async fn create_index(
        &self,
        table: &'static str,
        name: &'static str,
        mut index: IndexCreateStatement,
    ) -> Result<(), DbErr> {
        // MySQL knows no CREATE INDEX IF NOT EXISTS.
        if self.manager.has_index(table, name).await? {
            return Ok(());
        }
        self.manager.create_index(index.name(name).table(table).take()).await
    }

    /// A number that the database gives to each row, never twice.
    pub fn auto_id(&self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.database {
            // Signed, as `BIGINT UNSIGNED` cannot be read into an `i64`.
            Database::MySql | Database::Postgres => column.big_integer(),
            // Only `INTEGER PRIMARY KEY AUTOINCREMENT` never gives a number again.
            Database::Sqlite => column.integer(),
        };
        column.not_null().auto_increment().primary_key().take()
    }

    /// Text of at most so many bytes that is compared and sorted byte by byte, blanks at the end included.
    pub fn binary_text(&self, name: &'static str, bytes: u32) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.database {
            // Even `utf8mb4_bin` ignores blanks at the end (PAD SPACE).
            Database::MySql => column.custom(format!("VARBINARY({bytes})")),
            Database::Postgres => column.custom("TEXT COLLATE \"C\""),
            Database::Sqlite => column.text(),
        };
        column
    }

    /// Text of at most so many characters that is only read, never searched.
    pub fn text(&self, name: &'static str, characters: u32) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.database {
            Database::MySql | Database::Postgres => column.string_len(characters),
            Database::Sqlite => column.text(),
        };
        column
    }

    /// JSON, byte for byte as it was written: the type JSON of MySQL and JSONB would sort the members.
    pub fn json_text(&self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.database {
            Database::MySql => column.custom("LONGTEXT"),
            Database::Postgres | Database::Sqlite => column.text(),
        };
        column
    }

    /// A UUID as 16 bytes.
    pub fn uuid(&self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.database {
            Database::MySql => column.binary_len(16),
            Database::Postgres => column.uuid(),
            Database::Sqlite => column.blob(),
        };
        column
    }

    /// A moment in UTC, to the microsecond.
    pub fn moment(&self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(name);
        match self.database {
            // `TIMESTAMP` ends in 2038.
            Database::MySql => column.custom("DATETIME(6)"),
            // Without a zone: it is UTC that is stored, whatever the session's zone.
            Database::Postgres => column.custom("TIMESTAMP(6)"),
            Database::Sqlite => column.text(),
        };
        column
    }
}
