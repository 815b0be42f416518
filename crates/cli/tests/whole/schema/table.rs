//! A table as SQLite tells it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sea_orm::{ConnectionTrait as _, DatabaseConnection, QueryResult, Statement};

use super::meaning;

pub(super) struct Table {
    name: String,
    columns: Vec<Column>,
    /// By name; whether it is unique, and its columns.
    indexes: BTreeMap<String, (bool, Vec<String>)>,
}

struct Column {
    name: String,
    may_be_null: bool,
    is_key: bool,
}

impl Table {
    pub(super) async fn read(db: &DatabaseConnection, name: &str) -> Self {
        let columns =
            rows(db, &format!("SELECT name, \"notnull\" AS required, pk FROM pragma_table_info('{name}')")).await;
        let columns = columns.iter().map(|row| {
            let is_key = row.try_get::<i32>("", "pk").unwrap() > 0;
            let may_be_null = !is_key && row.try_get::<i32>("", "required").unwrap() == 0;
            Column { name: row.try_get("", "name").unwrap(), may_be_null, is_key }
        });
        let mut indexes: BTreeMap<String, (bool, Vec<String>)> = BTreeMap::new();
        let sql = format!(
            "SELECT l.name AS name, l.\"unique\" AS is_unique, i.name AS col FROM pragma_index_list('{name}') l \
             JOIN pragma_index_info(l.name) i WHERE l.origin = 'c' ORDER BY l.name, i.seqno"
        );
        for row in rows(db, &sql).await {
            let is_unique = row.try_get::<i32>("", "is_unique").unwrap() == 1;
            let index = indexes.entry(row.try_get("", "name").unwrap()).or_insert_with(|| (is_unique, Vec::new()));
            index.1.push(row.try_get("", "col").unwrap());
        }
        Self { name: name.to_owned(), columns: columns.collect(), indexes }
    }

    /// The table's part of the document. Panics if something has no meaning.
    pub(super) fn describe(&self) -> String {
        let (about, columns) = meaning::of_table(&self.name)
            .unwrap_or_else(|| panic!("meaning.rs does not say what the table {} is for", self.name));
        let mut text = format!("\n## `{}`\n\n{about}\n\n| column | | meaning |\n|---|---|---|\n", self.name);
        for Column { name, may_be_null, is_key } in &self.columns {
            let (_, meaning) = columns
                .iter()
                .find(|(column, _)| column == name)
                .unwrap_or_else(|| panic!("meaning.rs does not say what {}.{name} means", self.name));
            let note = if *is_key {
                "key"
            } else if *may_be_null {
                "may be NULL"
            } else {
                ""
            };
            let _ = writeln!(text, "| `{name}` | {note} | {meaning} |");
        }
        for (column, _) in columns {
            assert!(self.columns.iter().any(|real| real.name == *column), "{}.{column} does not exist", self.name);
        }
        if !self.indexes.is_empty() {
            text.push_str("\n| index | columns |\n|---|---|\n");
        }
        for (name, (is_unique, columns)) in &self.indexes {
            let unique = if *is_unique { ", unique" } else { "" };
            let _ = writeln!(text, "| `{name}` | `{}`{unique} |", columns.join("`, `"));
        }
        text
    }
}

async fn rows(db: &DatabaseConnection, sql: &str) -> Vec<QueryResult> {
    db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap()
}
