//! What stands in the way of migrating, and only a person can remove.

use infra_mysql::{MigrateError, MySqlSettings, MySqlStorage};
use sea_orm::ConnectionTrait;
use storage_contract::server::{ServerDatabase, create_user};
use tokio::time::{Duration, Instant};

use crate::server::Schema;

pub(crate) async fn another_programs_table_is_named_and_left_alone(schema: &Schema) {
    let storage = schema.connect().await;
    let db = storage.inner().pools().writer;
    db.execute_unprepared("CREATE TABLE user_counts (block BIGINT, mine TEXT)").await.unwrap();
    db.execute_unprepared("INSERT INTO user_counts VALUES (1, 'precious')").await.unwrap();
    for _ in 0..2 {
        let Err(MigrateError::InTheWay(reason)) = storage.migrate_up().await else { panic!("it goes on") };
        let expected =
            "another program's table stands in the way: there is a table user_counts, without the column slot";
        assert!(reason.starts_with(expected), "{reason}");
    }
    assert_eq!(
        db.execute_unprepared("DELETE FROM user_counts WHERE mine = 'precious'").await.unwrap().rows_affected(),
        1
    );
    db.execute_unprepared("DROP TABLE user_counts").await.unwrap();
    storage.migrate_up().await.expect("it goes on where it stopped");
}

pub(crate) async fn a_user_who_may_not_change_tables_hears_so_at_once(schema: &Schema) {
    let admin = schema.connect().await.inner().pools().writer;
    let name = &schema.name;
    admin.execute_unprepared(&format!("CREATE USER {name}@'%' IDENTIFIED BY 'pw'")).await.unwrap();
    let grant = format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {name}.* TO {name}@'%'");
    admin.execute_unprepared(&grant).await.unwrap();
    let url = format!("mysql://{name}:pw@{}/{name}", schema.address());
    let limited = MySqlStorage::connect(&MySqlSettings { url, ..schema.settings() }).await.unwrap();
    let start = Instant::now();
    let refused = limited.migrate_up().await;
    let took = start.elapsed();
    schema.migrated().await;
    let migrated = limited.migrate_up().await;
    let created = create_user(&limited).await;
    admin.execute_unprepared(&format!("DROP USER {name}@'%'")).await.unwrap();
    assert!(matches!(refused, Err(MigrateError::Denied(_))), "{refused:?}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(migrated.unwrap().is_empty(), "nothing is left that it would need the privilege for");
    created.expect("what the service does with users needs no more than rows");
}
