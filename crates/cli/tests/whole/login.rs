//! How the service logs in to a server.

use rstest::rstest;

use crate::database::{Database, Kind};
use crate::service::{Service, run};

/// A user who has never logged in, and may do everything in one database. Dropping it removes it.
struct Account<'a> {
    database: &'a Database,
    name: String,
}

impl<'a> Account<'a> {
    const PASSWORD: &'static str = "s3same%20opens";

    fn on(database: &'a Database) -> Self {
        let (_, schema) = database.url().rsplit_once('/').expect("the URL names a database");
        let name = format!("user_of_{schema}");
        database
            .execute(&format!("CREATE USER {name} IDENTIFIED BY 's3same opens'; GRANT ALL ON {schema}.* TO {name}"));
        Self { database, name }
    }

    fn url(&self) -> String {
        let (_, rest) = self.database.url().split_once('@').expect("the URL names a user");
        format!("mysql://{}:{}@{rest}", self.name, Self::PASSWORD)
    }
}

impl Drop for Account<'_> {
    fn drop(&mut self) {
        self.database.execute(&format!("DROP USER {}", self.name));
    }
}

#[rstest]
fn the_first_login_with_a_password_needs_no_parameters(#[values(Kind::MariaDb, Kind::MySql)] kind: Kind) {
    let Some(database) = kind.database() else { return };
    let account = Account::on(&database);
    let service = Service::start_on(&database, &[("DATABASE_URL", &account.url())]);
    assert_eq!(service.get("/ready").status, 200);
    service.create("ann");
    service.stop();
}

/// MySQL takes the password of a user whom it does not remember over TLS only, or sealed by RSA, which we leave out
/// (RUSTSEC-2023-0071).
#[test]
fn without_tls_mysql_refuses_the_first_login_and_the_service_says_what_to_do() {
    let Some(database) = Kind::MySql.database() else { return };
    let account = Account::on(&database);
    let url = format!("{}?ssl-mode=disabled", account.url());
    let ended = run(database.folder().path(), &[("DATABASE_URL", &url)], &["serve"]);
    let advice = "the server takes this password over TLS only: take ssl-mode=disabled out of the URL, or turn TLS on at \
                  the server";
    assert!(ended.reason().ends_with(advice), "{ended:?}");
    assert!(!ended.stderr.contains("s3same"), "{ended:?}");
}

#[test]
fn without_tls_mysql_takes_a_user_who_has_no_password() {
    let Some(database) = Kind::MySql.database() else { return };
    let url = format!("{}?ssl-mode=disabled", database.url());
    let service = Service::start_on(&database, &[("DATABASE_URL", &url)]);
    service.create("ann");
}

#[rstest]
#[case::mysql(Kind::MySql, "mysql+pymysql")]
#[case::mariadb(Kind::MariaDb, "mariadb+aiomysql")]
#[case::postgres(Kind::Postgres, "postgresql+psycopg2")]
#[case::postgres_too(Kind::Postgres, "postgresql+asyncpg")]
fn the_url_of_a_python_project_works_as_it_is(#[case] kind: Kind, #[case] scheme: &str) {
    let Some(database) = kind.database() else { return };
    let (_, rest) = database.url().split_once("://").expect("a URL has a scheme");
    let service = Service::start_on(&database, &[("DATABASE_URL", &format!("{scheme}://{rest}"))]);
    let path = service.create("ann");
    assert_eq!(service.get(&path).text("username"), "ann");
    assert_eq!(service.get("/ready").status, 200);
}
