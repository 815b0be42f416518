//! What the server is told when a connection is made, and how it refuses one.

use domain::ports::StorageFault;
use infra_postgres::PostgresStorage;
use sea_orm::{ConnectionTrait, Statement};
use storage_contract::server::ServerDatabase;

use crate::server::Schema;

pub(crate) use storage_contract::server::session::a_server_that_refuses_is_another_one_at_first_and_unavailable_later;

pub(crate) async fn the_servers_own_defaults_do_not_matter(schema: &Schema) {
    for default in ["default_transaction_isolation = 'serializable'", "statement_timeout = 0", "lock_timeout = 0"] {
        schema.administer(&format!("ALTER DATABASE $database SET {default}")).await.unwrap();
    }
    let db = schema.connect().await.inner().pools().writer;
    for (setting, value) in [
        ("transaction_isolation", "read committed"),
        ("statement_timeout", "5s"),
        ("lock_timeout", "1s"),
        ("idle_in_transaction_session_timeout", "1min"),
    ] {
        let show = Statement::from_string(db.get_database_backend(), format!("SHOW {setting}"));
        let row = db.query_one_raw(show).await.unwrap().expect("a setting is a row");
        assert_eq!(row.try_get::<String>("", setting).unwrap(), value, "{setting}");
    }
}

pub(crate) async fn a_database_that_cannot_hold_every_name_is_refused(schema: &Schema) {
    schema.drop().await.unwrap();
    let create = "CREATE DATABASE $database ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0";
    schema.administer(create).await.unwrap();
    let error = PostgresStorage::connect(&schema.settings()).await.unwrap_err();
    assert_eq!(error.fault(), StorageFault::Failed);
    let reason = std::error::Error::source(&error).expect("a failure has a reason").to_string();
    assert!(reason.contains("SQL_ASCII"), "{reason}");
}

pub(crate) async fn nothing_is_sent_that_a_pooler_refuses(schema: &Schema) {
    let db = schema.connect().await.inner().pools().writer;
    let ask = "SELECT source FROM pg_settings WHERE name = 'extra_float_digits'";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), ask)).await.unwrap();
    let source: String = row.expect("a setting is a row").try_get("", "source").unwrap();
    assert_eq!(source, "default");
}

/// The driver's task that closes them may run for ever, see [`infra_seaorm::CONNECTION_LIFETIME`]. It ends at once where there is
/// nothing to close.
pub(crate) async fn the_driver_closes_no_connections_by_itself(schema: &Schema) {
    let db = schema.connect().await.inner().pools().reader;
    let options = db.get_postgres_connection_pool().options();
    assert_eq!(
        (options.get_idle_timeout(), options.get_max_lifetime(), options.get_min_connections()),
        (None, None, 0)
    );
}

pub(crate) async fn what_most_requests_ask_is_prepared_before_they_do(schema: &Schema) {
    schema.connect().await.migrate_up().await.unwrap();
    let storage = PostgresStorage::connect(&schema.settings()).await.unwrap();
    let db = storage.inner().pools().reader;
    let ask = "SELECT statement FROM pg_prepared_statements";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), ask)).await.unwrap();
    let prepared: Vec<String> = rows.iter().map(|row| row.try_get("", "statement").unwrap()).collect();
    for statement in infra_seaorm::everyday_statements(db.get_database_backend()) {
        assert!(prepared.iter().any(|prepared| prepared == statement), "{statement}");
    }
}
