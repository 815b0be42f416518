use rstest::rstest;
use settings::DatabaseUrl;

use crate::place::place;

#[test]
fn there_is_no_read_replica_unless_it_is_named() {
    assert!(place().settings().database_read_url.is_none());
    assert!(place().env("DATABASE_READ_URL", "").settings().database_read_url.is_none());
}

#[rstest]
#[case("mysql://db/users", "mysql+pymysql://app:pw@copy/users")]
#[case("postgres://db/users", "postgresql://app:pw@copy/users")]
fn a_replica_is_of_the_databases_kind(#[case] database: &str, #[case] copy: &str) {
    let settings = place().env("DATABASE_URL", database).env("DATABASE_READ_URL", copy).settings();
    let copy = settings.database_read_url.expect("a URL is given");
    assert!(matches!(copy, DatabaseUrl::MySql(_) | DatabaseUrl::Postgres(_)));
    assert!(!format!("{copy} {copy:?}").contains("pw"));
}

#[rstest]
#[case("mysql://db/users", "postgres://app:hidden@copy/users")]
#[case("postgres://db/users", "mysql://app:hidden@copy/users")]
#[case("sqlite://data/a.db?mode=rwc", "sqlite://data/b.db?mode=rwc")]
#[case("memory:", "memory:")]
#[case("sqlite::memory:", "mysql://copy/users")]
fn another_kind_is_refused(#[case] database: &str, #[case] copy: &str) {
    let refusal = place().env("DATABASE_URL", database).env("DATABASE_READ_URL", copy).refusal();
    assert!(refusal.contains("DATABASE_READ_URL") && refusal.contains("of their own kind"), "{refusal}");
    assert!(!refusal.contains("hidden"), "{refusal}");
}
