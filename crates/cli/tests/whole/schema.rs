//! `docs/DATABASE_SCHEMA.md` says what the databases really hold. `UPDATE_SCHEMA=1` writes it anew, for which every server
//! must be there.

mod meaning;
mod table;

use std::fmt::Write as _;
use std::fs;

use rstest::rstest;
use sea_orm::{ConnectOptions, ConnectionTrait as _, DatabaseConnection, Statement};
use tokio::runtime;

use crate::database::{Database, Kind};
use crate::environment::variable;
use crate::service::run;
use table::Table;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/DATABASE_SCHEMA.md");

#[test]
fn the_document_tells_every_table_and_column() {
    let told = overview();
    let document = fs::read_to_string(DOCUMENT).unwrap_or_default();
    if variable("UPDATE_SCHEMA").is_some() {
        let mut text = told;
        for kind in KINDS {
            text.push('\n');
            text.push_str(&section(kind).expect("every server must be there to write the document"));
        }
        fs::write(DOCUMENT, text).unwrap();
        return;
    }
    assert!(document.starts_with(&told), "{STALE}\n{told}");
    // Whether or not their servers are here.
    let titles: Vec<_> = sections(&document).iter().map(|section| section.lines().next().unwrap_or_default()).collect();
    assert_eq!(titles, KINDS.map(heading), "{STALE}");
}

#[rstest]
fn the_document_tells_the_statements_that_make_the_tables(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    if variable("UPDATE_SCHEMA").is_some() {
        return;
    }
    let Some(section) = section(kind) else {
        return;
    };
    let document = fs::read_to_string(DOCUMENT).unwrap_or_default();
    let mut written = sections(&document);
    written.retain(|section| section.lines().next() == Some(&heading(kind)));
    assert_eq!(written, [&section], "{STALE}");
}

const KINDS: [Kind; 4] = [Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres];

fn heading(kind: Kind) -> String {
    let title = match kind {
        Kind::Sqlite => "SQLite",
        Kind::MariaDb => "MariaDB",
        Kind::MySql => "MySQL",
        Kind::Postgres => "PostgreSQL",
    };
    format!("### {title}")
}

/// What the document says of the databases, one after the other.
fn sections(document: &str) -> Vec<&str> {
    let (_, mut rest) = document.split_once(SECTIONS).unwrap_or_default();
    let mut sections = Vec::new();
    while !rest.is_empty() {
        // Each begins with an empty line, which is left out.
        rest = rest.strip_prefix('\n').unwrap_or(rest);
        let (section, others) = rest.split_at(rest.find("\n### ").unwrap_or(rest.len()));
        sections.push(section);
        rest = others;
    }
    sections
}

/// What they begin with.
const SECTIONS: &str = "\n## As the databases tell it\n";

const STALE: &str = "docs/DATABASE_SCHEMA.md is another: UPDATE_SCHEMA=1 writes it anew";

/// What holds on every database, as SQLite tells it and [`meaning`] explains it.
fn overview() -> String {
    let database = migrated(Kind::Sqlite).expect("SQLite is always there");
    let tables = asking(&database, async |db| {
        let mut tables = Vec::new();
        for name in names(&db, "SELECT name AS line FROM sqlite_master WHERE type = 'table' ORDER BY name").await {
            if name != "sqlite_sequence" && !name.starts_with("user_search") {
                tables.push(Table::read(&db, &name).await);
            }
        }
        tables
    });
    let mut text = meaning::INTRODUCTION.to_owned();
    for table in tables {
        text.push_str(&table.describe());
    }
    text.push_str(SECTIONS);
    text
}

/// The statements that would make the tables of this database.
fn section(kind: Kind) -> Option<String> {
    let database = migrated(kind)?;
    let statements = asking(&database, async |db| match kind {
        Kind::Sqlite => names(&db, SQLITE_STATEMENTS).await,
        Kind::MariaDb | Kind::MySql => mysql_statements(&db).await,
        Kind::Postgres => names(&db, POSTGRES_STATEMENTS).await,
    });
    let mut text = format!("{}\n\n```sql\n", heading(kind));
    for statement in statements {
        let _ = writeln!(text, "{};", statement.trim());
    }
    text.push_str("```\n");
    Some(text)
}

const SQLITE_STATEMENTS: &str = "SELECT sql AS line FROM sqlite_master \
                                 WHERE sql IS NOT NULL AND name <> 'sqlite_sequence' AND name NOT GLOB 'user_search_*' ORDER BY tbl_name, rowid";

async fn mysql_statements(db: &DatabaseConnection) -> Vec<String> {
    let tables =
        "SELECT CAST(table_name AS CHAR) AS line FROM information_schema.tables WHERE table_schema = DATABASE()";
    let mut tables = names(db, tables).await;
    tables.sort();
    let mut statements = Vec::new();
    for table in tables {
        let show = Statement::from_string(db.get_database_backend(), format!("SHOW CREATE TABLE {table}"));
        let row = db.query_one_raw(show).await.unwrap().expect("the table is there");
        let statement: String = row.try_get("", "Create Table").unwrap();
        // The collations of those two are the database's default.
        let of_this_server = if ["migration_lease", "seaql_migrations"].contains(&table.as_str()) {
            " DEFAULT CHARSET=.*"
        } else {
            " AUTO_INCREMENT=[0-9]+"
        };
        let of_this_server = regex::Regex::new(of_this_server).expect("the pattern is one");
        statements.push(of_this_server.replace(&statement, "").into_owned());
    }
    statements.extend(names(db, MYSQL_TRIGGERS).await);
    statements
}

const MYSQL_TRIGGERS: &str = "SELECT CAST(CONCAT('CREATE TRIGGER ', trigger_name, ' ', action_timing, ' ', event_manipulation, ' ON ', \
                              event_object_table, ' FOR EACH ROW\\n  ', action_statement) AS CHAR) AS line \
                              FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY trigger_name";

/// PostgreSQL has no SHOW CREATE TABLE.
const POSTGRES_STATEMENTS: &str = "
SELECT line FROM (
  SELECT c.relname AS of, 1 AS part, 'CREATE TABLE ' || c.relname || E' (\\n' || string_agg('  ' || a.attname || ' '
    || format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE \"' || l.collname || '\"' ELSE '' END
    || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
    || CASE a.attidentity WHEN 'd' THEN ' GENERATED BY DEFAULT AS IDENTITY' WHEN 'a' THEN ' GENERATED ALWAYS AS IDENTITY'
       ELSE '' END
    || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), ''), E',\\n' ORDER BY a.attnum) || E'\\n)' AS line
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_collation l ON l.oid = a.attcollation
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
  GROUP BY c.relname
  UNION ALL
  SELECT c.relname, 2, 'ALTER TABLE ' || c.relname || ' ADD CONSTRAINT ' || n.conname || ' ' || pg_get_constraintdef(n.oid)
  FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid
  WHERE c.relnamespace = current_schema()::regnamespace AND n.contype <> 'n'
  UNION ALL
  SELECT tablename, 3, replace(indexdef, ' ON ' || schemaname || '.', ' ON ') FROM pg_indexes i
  WHERE schemaname = current_schema()
    AND NOT EXISTS (SELECT 1 FROM pg_constraint n WHERE n.conname = i.indexname)
  UNION ALL
  SELECT '', 0, 'CREATE FUNCTION ' || proname || E'() RETURNS trigger LANGUAGE plpgsql AS $$' || prosrc || '$$'
  FROM pg_proc p WHERE pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  UNION ALL
  SELECT c.relname, 4, replace(pg_get_triggerdef(t.oid), ' ON ' || current_schema() || '.', ' ON ')
    || CASE t.tgenabled WHEN 'A' THEN E';\\nALTER TABLE ' || c.relname || ' ENABLE ALWAYS TRIGGER ' || t.tgname ELSE '' END
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
) AS statements ORDER BY of, part, line";

fn migrated(kind: Kind) -> Option<Database> {
    let database = kind.database()?;
    let migrated = run(database.folder().path(), &[("DATABASE_URL", database.url())], &["migrate", "up"]);
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    Some(database)
}

fn asking<T>(database: &Database, ask: impl AsyncFnOnce(DatabaseConnection) -> T) -> T {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        // SQLite's file is named as the service sees it, from its own folder.
        let url = database.url().replace("data/", &format!("{}/data/", database.folder().path().display()));
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).idle_timeout(None).max_lifetime(None).sqlx_logging(false);
        ask(sea_orm::Database::connect(options).await.unwrap()).await
    })
}

/// The column `line` of the rows.
async fn names(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let ask = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(ask).await.unwrap();
    rows.iter().map(|row| row.try_get("", "line").unwrap()).collect()
}
