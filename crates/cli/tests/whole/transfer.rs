//! `usermgmt users import` and `export`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rstest::rstest;
use serde_json::Value;

use crate::database::{Database, Kind};
use crate::service::{Ended, Service, run};

/// The hash of `correct horse battery staple` with as few rounds as there can be.
const HASH: &str = "$2b$04$abcdefghijklmnopqrstuuBD8bqbvHW0YC4AO1rP8qFU9c1nO4QpK";

fn users(database: &Database, arguments: &[&str]) -> Ended {
    let arguments: Vec<_> = ["users"].iter().chain(arguments).copied().collect();
    run(database.folder().path(), &[("DATABASE_URL", database.url())], &arguments)
}

fn migrated(kind: Kind) -> Option<Database> {
    let database = kind.database()?;
    let migrated = run(database.folder().path(), &[("DATABASE_URL", database.url())], &["migrate", "up"]);
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    Some(database)
}

/// A file of so many users in the database's folder, which is where commands run.
fn file(database: &Database, name: &str, users: usize) {
    let rows = (0..users).map(|n| format!("user{n:05},user{n:05}@example.org,{HASH},\"=Person, {n}\"\r\n"));
    let header = "username,email,password_hash,full_name\r\n".to_owned();
    fs::write(database.folder().path().join(name), [header].into_iter().chain(rows).collect::<String>()).unwrap();
}

fn exported(database: &Database) -> Vec<Value> {
    let ended = users(database, &["export"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[rstest]
fn what_is_exported_and_imported_elsewhere_is_the_same_users(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
    #[values("csv", "ndjson")] format: &str,
) {
    let (Some(here), Some(there)) = (migrated(kind), migrated(kind)) else { return };
    file(&here, "users.csv", 1_203);
    let imported = users(&here, &["import", "users.csv"]);
    let told = "records: 1203, created: 1203, updated: 0, skipped: 0, rejected: 0\n";
    assert_eq!((imported.code, imported.stdout.as_str(), imported.stderr.as_str()), (Some(0), told, ""));
    let path = there.folder().path().join("out");
    let output = path.to_str().unwrap();
    assert_eq!(users(&here, &["export", "--format", format, "--output", output]).code, Some(0));
    let imported = users(&there, &["import", "out", "--format", format]);
    assert_eq!((imported.code, imported.stdout.as_str()), (Some(0), told), "{imported:?}");
    let without_times = |mut user: Value| {
        user.as_object_mut().unwrap().remove("updated_at");
        user
    };
    let [here, there] = [exported(&here), exported(&there)].map(|users| users.into_iter().map(without_times));
    assert!(here.eq(there), "but for the time at which they were imported");
}

#[rstest]
fn a_record_that_is_wrong_is_written_down_and_can_be_mended(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = migrated(kind) else { return };
    let folder = database.folder().path();
    fs::write(folder.join("in.csv"), "Login,email\nann,ann@example.org\nx,no\nANN,other@example.org\n").unwrap();
    let arguments = ["import", "in.csv", "--map", "username=Login", "--rejected", "rejected.csv"];
    let ended = users(&database, &arguments);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(1), "records: 3, created: 1, updated: 0, skipped: 0, rejected: 2\n")
    );
    assert_eq!(ended.stderr, "error: 2 records were rejected; they are in rejected.csv\n");
    let path = folder.join("rejected.csv");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let rejected = fs::read_to_string(&path).unwrap();
    assert!(rejected.contains("/username: Another user has this") && rejected.contains("x,no"), "{rejected}");
    let mended = rejected.replace("x,no", "xen,xen@example.org").replace("ANN,", "anna,");
    fs::write(folder.join("mended.csv"), mended).unwrap();
    let ended = users(&database, &["import", "mended.csv", "--map", "username=Login"]);
    assert_eq!((ended.code, exported(&database).len()), (Some(0), 3), "{ended:?}");
}

#[rstest]
#[case::skip("skip", Some(0), "created: 1, updated: 0, skipped: 1, rejected: 0", "Ann")]
#[case::update("update", Some(0), "created: 1, updated: 1, skipped: 0, rejected: 0", "Annabel")]
#[case::fail("fail", Some(1), "created: 1, updated: 0, skipped: 0, rejected: 1", "Ann")]
fn whoever_is_there_is_treated_as_asked_for(
    #[case] on_conflict: &str,
    #[case] code: Option<i32>,
    #[case] told: &str,
    #[case] first_name: &str,
) {
    let database = migrated(Kind::Sqlite).unwrap();
    let folder = database.folder().path();
    fs::write(
        folder.join("one.ndjson"),
        "{\"username\":\"ann\",\"email\":\"ann@example.org\",\"first_name\":\"Ann\"}\n",
    )
    .unwrap();
    assert_eq!(users(&database, &["import", "one.ndjson"]).code, Some(0));
    let two = "{\"username\":\"ann\",\"email\":\"ann@example.org\",\"first_name\":\"Annabel\"}\n\
               {\"username\":\"bob\",\"email\":\"bob@example.org\"}\n";
    fs::write(folder.join("two.ndjson"), two).unwrap();
    let dry = users(&database, &["import", "two.ndjson", "--on-conflict", on_conflict, "--dry-run"]);
    assert_eq!(dry.stdout, format!("a dry run, nothing was changed; records: 2, {told}\n"));
    assert_eq!(exported(&database).len(), 1, "nothing was changed");
    let ended = users(&database, &["import", "two.ndjson", "--on-conflict", on_conflict]);
    assert_eq!((ended.code, ended.stdout), (code, format!("records: 2, {told}\n")));
    assert_eq!(exported(&database)[0]["first_name"], first_name);
}

#[test]
fn nothing_is_imported_of_a_file_that_is_broken() {
    let database = migrated(Kind::Sqlite).unwrap();
    let folder = database.folder().path();
    file(&database, "broken.csv", 2_500);
    let whole = fs::read_to_string(folder.join("broken.csv")).unwrap();
    for (name, broken, says) in [
        ("quote", format!("{whole}x,\"y\n").into_bytes(), "line 2502: the quoted cell that begins here is not closed"),
        ("latin", [whole.as_bytes(), b"m\xfcller,m@example.org,,\r\n"].concat(), "line 2502: this is not UTF-8"),
        ("long", [whole.as_bytes(), &vec![b'a'; 3 << 20]].concat(), "line 2502: the record that begins here is longer"),
    ] {
        fs::write(folder.join("broken.csv"), broken).unwrap();
        let ended = users(&database, &["import", "broken.csv"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{name}");
        assert!(ended.stderr.contains(says), "{name}: {}", ended.stderr);
        assert_eq!(exported(&database), Vec::<Value>::new(), "{name}");
    }
}

#[test]
fn whoever_was_imported_with_a_hash_signs_in_with_their_password() {
    let database = migrated(Kind::Sqlite).unwrap();
    // As Django makes it, of `correct horse` with the salt `salt` in 1,000 rounds; computed by Python's hashlib.
    let hash = "pbkdf2_sha256$1000$salt$boRToEKoQr22LeDTyHDsEkHpDsDOTyWJq16HknEiweU=";
    let row = format!("username,email,password_hash\nann,ann@example.org,{hash}\n");
    fs::write(database.folder().path().join("in.csv"), row).unwrap();
    let ended = users(&database, &["import", "in.csv"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let service = Service::start_on(&database, &[("AUTH_REQUIRED", "true")]);
    let body = serde_json::json!({"username": "ann", "password": "correct horse"});
    assert_eq!(service.post("/api/v1/auth/login", &body).status, 200);
}
