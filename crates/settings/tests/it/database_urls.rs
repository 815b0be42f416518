use rstest::rstest;
use secrecy::ExposeSecret;
use settings::DatabaseUrl;

use crate::place::place;

fn parsed(text: &str) -> DatabaseUrl {
    place().env("DATABASE_URL", text).settings().database_url
}

#[rstest]
#[case("mysql://app:p%40ss@db:3307/users?ssl-mode=required", "mysql://app:p%40ss@db:3307/users?ssl-mode=required")]
#[case("mysql+pymysql://app:pw@db/users?charset=latin1", "mysql://app:pw@db/users")]
#[case(
    "mysql+pymysql://app:pw@localhost/users?unix_socket=/my.sock",
    "mysql://app:pw@localhost/users?socket=%2Fmy.sock"
)]
#[case("mysql://db/users?ssl_ca=/etc/ca.pem", "mysql://db/users?ssl-ca=%2Fetc%2Fca.pem")]
#[case("mysql+pymysql://app:pw@db/users", "mysql://app:pw@db/users")]
#[case("mysql+aiomysql://app:pw@db/users", "mysql://app:pw@db/users")]
#[case("mariadb://app@db/users", "mysql://app@db/users")]
#[case("MySQL://app@[::1]/users", "mysql://app@[::1]/users")]
fn mysql_in_every_spelling_is_mysql(#[case] text: &str, #[case] url: &str) {
    let DatabaseUrl::MySql(parsed) = parsed(text) else { panic!("{text} is MySQL") };
    assert_eq!(parsed.expose_secret(), url);
}

#[rstest]
#[case(
    "postgres://app:p%40ss@db:5433/users?sslmode=verify-full",
    "postgres://app:p%40ss@db:5433/users?sslmode=verify-full"
)]
#[case("postgresql://app:pw@db/users", "postgres://app:pw@db/users")]
#[case("postgresql+psycopg2://app:pw@db/users?connect_timeout=10", "postgres://app:pw@db/users")]
#[case("postgresql+asyncpg://app:pw@db/users?ssl=require", "postgres://app:pw@db/users?sslmode=require")]
#[case("postgres:///users?host=/var/run/postgresql", "postgres:///users?host=%2Fvar%2Frun%2Fpostgresql")]
fn postgres_in_every_spelling_is_postgres(#[case] text: &str, #[case] url: &str) {
    let DatabaseUrl::Postgres(parsed) = parsed(text) else { panic!("{text} is PostgreSQL") };
    assert_eq!(parsed.expose_secret(), url);
}

#[rstest]
#[case("postgres://db/users?gssencmode=require", "gssencmode")]
#[case("postgres://db/users?target_session_attrs=read-write", "target_session_attrs")]
#[case("postgres://db/users?sslmode=bogus", "sslmode")]
#[case("mysql://db/users?ssl-mode=require", "required")]
#[case("mysql://db/users?ssl_verify_cert=true", "ssl_verify_cert")]
#[case("postgres://db/users?channel_binding=require", "channel_binding")]
fn a_parameter_that_the_driver_would_pass_over_is_refused(#[case] text: &str, #[case] parameter: &str) {
    let refusal = place().env("DATABASE_URL", text).refusal();
    assert!(refusal.contains(parameter) && refusal.contains("not supported"), "{refusal}");
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
        "postgres://db",
        "postgres:///users",
        "postgres:///users?host=",
        "postgresql://u:p/w@db/users",
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
#[case("postgresql://app:pw@db/users", "postgres://app:[redacted]@db/users")]
fn the_password_is_not_shown(#[case] text: &str, #[case] shown: &str) {
    assert_eq!(parsed(text).to_string(), shown);
    assert_eq!(format!("{:?}", parsed(text)), format!("DatabaseUrl({shown})"));
}
