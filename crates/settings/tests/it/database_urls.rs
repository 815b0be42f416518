use rstest::rstest;
use secrecy::ExposeSecret;
use settings::DatabaseUrl;

use crate::place::place;

fn parsed(text: &str) -> DatabaseUrl {
    place().env("DATABASE_URL", text).settings().database_url
}

#[rstest]
#[case("mysql://app:p%40ss@db:3307/users?charset=utf8mb4", "mysql://app:p%40ss@db:3307/users?charset=utf8mb4")]
#[case("mysql+pymysql://app:pw@db/users", "mysql://app:pw@db/users")]
#[case("mysql+aiomysql://app:pw@db/users", "mysql://app:pw@db/users")]
#[case("mariadb://app@db/users", "mysql://app@db/users")]
#[case("MySQL://app@[::1]/users", "mysql://app@[::1]/users")]
fn mysql_in_every_spelling_is_mysql(#[case] text: &str, #[case] url: &str) {
    let DatabaseUrl::MySql(parsed) = parsed(text) else { panic!("{text} is MySQL") };
    assert_eq!(parsed.expose_secret(), url);
}

#[rstest]
#[case("sqlite://data/a.db?mode=rwc", "sqlite://data/a.db?mode=rwc")]
#[case("sqlite:data/a.db", "sqlite://data/a.db")]
#[case("sqlite:///var/a.db?mode=rw", "sqlite:///var/a.db?mode=rw")]
#[case("sqlite:///./a.db?mode=rwc", "sqlite://./a.db?mode=rwc")]
#[case("sqlite+aiosqlite:///a.db", "sqlite://a.db?mode=rwc")]
#[case("sqlite+pysqlite:////var/a.db", "sqlite:///var/a.db?mode=rwc")]
fn sqlite_files_are_as_sqlx_takes_them(#[case] text: &str, #[case] url: &str) {
    let DatabaseUrl::Sqlite(parsed) = parsed(text) else { panic!("{text} is an SQLite file") };
    assert_eq!(parsed, url);
}

#[rstest]
fn sqlite_in_memory_has_many_spellings(
    #[values(
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite:///:memory:",
        "sqlite+aiosqlite:///:memory:",
        "sqlite://x?mode=memory"
    )]
    text: &str,
) {
    assert!(matches!(parsed(text), DatabaseUrl::SqliteMemory));
}

#[test]
fn memory_is_the_memory_adapter() {
    assert!(matches!(parsed("memory:"), DatabaseUrl::Memory));
}

#[rstest]
fn what_is_no_database_url_is_refused(
    #[values(
        "users.db",
        "sqlite:",
        "sqlite://",
        "sqlite://?mode=rwc",
        "mysql:",
        "mysql://",
        "mysql://db",
        "mysql://db/",
        "mysql:///users",
        "mysql://u:p#w@db/users",
        "mysql://u:p/w@db/users",
        "mysql://db:99999/users",
        "memory://x",
        "memory+x:"
    )]
    text: &str,
) {
    assert!(place().env("DATABASE_URL", text).refusal().contains("is not a database URL"), "{text}");
}

#[rstest]
#[case("mysql://app:pw@db/users", "mysql://app:[redacted]@db/users")]
#[case("mysql://a%40b:p%40w@db/users", "mysql://a%40b:[redacted]@db/users")]
#[case("mysql://:pw@db/users", "mysql://:[redacted]@db/users")]
#[case("mysql://app@db/users", "mysql://app@db/users")]
fn the_password_is_not_shown(#[case] text: &str, #[case] shown: &str) {
    assert_eq!(parsed(text).to_string(), shown);
    assert_eq!(format!("{:?}", parsed(text)), format!("DatabaseUrl({shown})"));
}
