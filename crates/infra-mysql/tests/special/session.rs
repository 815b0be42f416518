//! What the server is told when a connection is made, and how it refuses one.

use chrono::NaiveDate;
use domain::ports::{SessionQueries, UserQueries};
use domain::query::DeletedScope;
use domain::values::{SessionId, UserId, UserRef, UserUuid};
use infra_mysql::{MySqlSettings, MySqlStorage};
use sea_orm::{ConnectionTrait, Statement};
use storage_contract::server::ServerDatabase;
use uuid::Uuid;

use crate::server::Schema;

pub(crate) use storage_contract::server::session::a_server_that_refuses_is_another_one_at_first_and_unavailable_later;

pub(crate) async fn a_time_that_the_server_cannot_hold_is_an_error(schema: &Schema) {
    let db = schema.connect().await.inner().pools().writer;
    db.execute_unprepared("CREATE TABLE moments (at DATETIME(6) NOT NULL)").await.unwrap();
    let leap_second = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap().and_hms_milli_opt(23, 59, 59, 1_500).unwrap();
    for (at, is_held) in [(leap_second, false), (leap_second - chrono::TimeDelta::seconds(1), true)] {
        let insert = "INSERT INTO moments (at) VALUES (?)";
        let insert = Statement::from_sql_and_values(db.get_database_backend(), insert, [at.into()]);
        assert_eq!(db.execute_raw(insert).await.is_ok(), is_held, "{at}");
    }
}

pub(crate) async fn a_client_that_vanished_is_given_up_within_a_minute(schema: &Schema) {
    let db = schema.connect().await.inner().pools().writer;
    let statement =
        Statement::from_string(db.get_database_backend(), "SELECT CAST(@@wait_timeout AS SIGNED) AS seconds");
    let row = db.query_one_raw(statement).await.unwrap().expect("a variable is a row");
    assert_eq!(row.try_get::<i64>("", "seconds").unwrap(), 60);
}

/// The driver's task that closes them may run for ever, see [`infra_seaorm::CONNECTION_LIFETIME`]. It ends at once where there is
/// nothing to close.
pub(crate) async fn the_driver_closes_no_connections_by_itself(schema: &Schema) {
    let db = schema.connect().await.inner().pools().reader;
    let options = db.get_mysql_connection_pool().options();
    assert_eq!(
        (options.get_idle_timeout(), options.get_max_lifetime(), options.get_min_connections()),
        (None, None, 0)
    );
}

pub(crate) async fn what_most_requests_ask_is_prepared_before_they_do(schema: &Schema) {
    schema.connect().await.migrate_up().await.unwrap();
    let storage = MySqlStorage::connect(&MySqlSettings { pool_size: 1, ..schema.settings() }).await.unwrap();
    // What counts them is prepared by the first of these.
    prepared(&storage).await;
    let before = prepared(&storage).await;
    assert_eq!(storage.find(UserRef::Id(UserId::new(1)), DeletedScope::All).await.unwrap(), None);
    assert_eq!(storage.find(UserRef::Uuid(UserUuid::new(Uuid::nil())), DeletedScope::All).await.unwrap(), None);
    assert_eq!(storage.find_access(SessionId::new(Uuid::nil())).await.unwrap(), None);
    assert_eq!(prepared(&storage).await, before);
}

/// How many statements the only connection has prepared.
async fn prepared(storage: &MySqlStorage) -> String {
    let db = storage.inner().pools().reader;
    let show = Statement::from_string(db.get_database_backend(), "SHOW SESSION STATUS LIKE 'Com_stmt_prepare'");
    let row = db.query_one_raw(show).await.unwrap().expect("a variable is a row");
    row.try_get("", "Value").unwrap()
}
