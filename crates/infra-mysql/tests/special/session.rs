//! What the server is told when a connection is made, and how it refuses one.

use chrono::NaiveDate;
use domain::ports::{Storage, StorageFault};
use infra_mysql::MySqlStorage;
use sea_orm::{ConnectionTrait, Statement};
use tokio::time::Instant;

use crate::Fixture;

pub(crate) async fn a_time_that_the_server_cannot_hold_is_an_error(fixture: &Fixture) {
    let db = fixture.connect().await.inner().pools().writer;
    db.execute_unprepared("CREATE TABLE moments (at DATETIME(6) NOT NULL)").await.unwrap();
    let leap_second = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap().and_hms_milli_opt(23, 59, 59, 1_500).unwrap();
    for (at, is_held) in [(leap_second, false), (leap_second - chrono::TimeDelta::seconds(1), true)] {
        let insert = "INSERT INTO moments (at) VALUES (?)";
        let insert = Statement::from_sql_and_values(db.get_database_backend(), insert, [at.into()]);
        assert_eq!(db.execute_raw(insert).await.is_ok(), is_held, "{at}");
    }
}

pub(crate) async fn a_client_that_vanished_is_given_up_within_a_minute(fixture: &Fixture) {
    let db = fixture.connect().await.inner().pools().writer;
    let statement =
        Statement::from_string(db.get_database_backend(), "SELECT CAST(@@wait_timeout AS SIGNED) AS seconds");
    let row = db.query_one_raw(statement).await.unwrap().expect("a variable is a row");
    assert_eq!(row.try_get::<i64>("", "seconds").unwrap(), 60);
}

pub(crate) async fn a_server_that_refuses_is_another_one_at_first_and_unavailable_later(fixture: &Fixture) {
    let storage = fixture.migrated().await;
    let admin = fixture.connect().await.inner().pools().writer;
    let name = &fixture.schema.name;
    fixture.schema.kill_connections(&admin).await.unwrap();
    admin.execute_unprepared(&format!("DROP DATABASE {name}")).await.unwrap();

    let start = Instant::now();
    let error = MySqlStorage::connect(&fixture.schema.settings()).await.unwrap_err();
    assert_eq!(error.fault(), StorageFault::Failed);
    assert!(start.elapsed().as_secs() < 1, "at once: {:?}", start.elapsed());
    assert_eq!(storage.begin().await.err().map(|error| error.fault()), Some(StorageFault::Unavailable));

    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    assert!(storage.begin().await.is_ok(), "set up again");
}
