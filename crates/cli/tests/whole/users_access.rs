//! Commands about getting in: passwords that must be changed, failed sign-ins, sessions.

use rstest::rstest;

use crate::database::{Database, Kind};
use crate::service::{Ended, Service, run};
use crate::signed_in::{ADMIN, ADMIN_PASSWORD, PASSWORD, SignedIn};
use crate::users::{done, with_input};

fn users(database: &Database, arguments: &[&str]) -> Ended {
    with_input(database, &[&["users"], arguments].concat(), PASSWORD)
}

fn create(database: &Database, name: &str, more: &[&str]) -> Ended {
    let email = format!("{name}@example.com");
    users(database, &[&["create", "--username", name, "--email", &email], more].concat())
}

#[rstest]
fn a_password_that_was_handed_over_must_be_changed(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on_with_auth(&database, &[]);
    done(create(&database, "ann", &["--must-change-password", "--role", "admin"]));
    done(create(&database, "ben", &["--role", "admin"]));
    let may_list = |who: &SignedIn| who.get(&service, "/api/v1/users").status;
    assert_eq!(may_list(&service.login("ann", PASSWORD)), 403);
    assert_eq!(may_list(&service.login("ben", PASSWORD)), 200);

    done(users(&database, &["set-password", "ann"]));
    assert_eq!(may_list(&service.login("ann", PASSWORD)), 200);
    done(users(&database, &["set-password", "ann", "--must-change-password"]));
    let ann = service.login("ann", PASSWORD);
    assert_eq!(ann.get(&service, "/api/v1/users").text("code"), "password_change_required");
}

#[rstest]
fn who_was_mistaken_too_often_is_let_in_again(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on_with_auth(&database, &[]);
    done(create(&database, "ann", &[]));
    let tries: Vec<u16> = (0..6).map(|_| service.try_login("ann", "not this one").status).collect();
    assert_eq!(tries, [401, 401, 401, 401, 401, 429]);
    assert_eq!(service.try_login("ann", PASSWORD).status, 429, "the right one has to wait, too");
    let said = done(users(&database, &["unlock", "ann"]));
    assert_eq!(said, "forgot the failed sign-ins of ann <ann@example.com> (id 2, role user)\n");
    service.login("ann", PASSWORD);
}

#[rstest]
fn an_operator_sees_where_somebody_is_signed_in_and_ends_it(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on_with_auth(&database, &[]);
    let (ann, path) = service.register("ann");
    let admin = service.login(ADMIN, ADMIN_PASSWORD);

    let table = users(&database, &["sessions", "ann"]);
    assert_eq!((table.code, table.stderr.as_str()), (Some(0), "1 session\n"));
    let lines: Vec<_> = table.stdout.lines().collect();
    assert!(lines[0].starts_with("ID ") && lines[1].starts_with(&ann.session), "{table:?}");
    assert!(lines[1].contains("127.0.0.1"), "{table:?}");
    let json: serde_json::Value =
        serde_json::from_str(&done(users(&database, &["sessions", "ann", "--json"]))).unwrap();
    assert_eq!(json, admin.get(&service, &format!("{path}/sessions")).body);

    let said = done(users(&database, &["revoke-sessions", "ann"]));
    assert_eq!(said, "signed out everywhere ann <ann@example.com> (id 2, role user)\n");
    ann.time_to_refusal(&service);
    assert_eq!(users(&database, &["sessions", "ann"]).stderr, "0 sessions\n");
    assert_eq!(admin.me(&service), 200);
}

#[test]
fn commands_make_no_key_that_they_do_not_need() {
    let database = Kind::Sqlite.database().unwrap();
    let folder = database.folder().path();
    assert_eq!(run(folder, &[("DATABASE_URL", database.url())], &["migrate", "up"]).code, Some(0));
    done(create(&database, "ann", &[]));
    done(users(&database, &["revoke-sessions", "ann"]));
    assert!(!folder.join("data/jwt_secret").exists());
}
