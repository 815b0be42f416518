//! `usermgmt users`: the same users and the same events as over HTTP.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::Stdio;

use rstest::rstest;
use serde_json::{Value, json};

use crate::client::person;
use crate::database::{Database, Kind};
use crate::service::{Ended, Service, run, usermgmt};

/// Runs a command that is given this on its standard input.
pub(crate) fn with_input(database: &Database, arguments: &[&str], input: &str) -> Ended {
    with_settings(database, &[], arguments, input)
}

fn with_settings(database: &Database, settings: &[(&str, &str)], arguments: &[&str], input: &str) -> Ended {
    let mut command = usermgmt(database.folder().path(), &[("DATABASE_URL", database.url())]);
    command.envs(settings.iter().copied()).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Whoever does not read it has no need of it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What a command prints that succeeds and has nothing to remark.
#[track_caller]
pub(crate) fn done(ended: Ended) -> String {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
    ended.stdout
}

#[track_caller]
fn json_of(ended: Ended) -> Value {
    serde_json::from_str(&done(ended)).unwrap()
}

fn users(database: &Database, arguments: &[&str]) -> Ended {
    let arguments: Vec<_> = ["users"].iter().chain(arguments).copied().collect();
    with_input(database, &arguments, "correct horse battery\n")
}

fn migrated(kind: Kind) -> Option<Database> {
    let database = kind.database()?;
    let migrated = run(database.folder().path(), &[("DATABASE_URL", database.url())], &["migrate", "up"]);
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    Some(database)
}

fn create(database: &Database, name: &str, more: &[&str]) -> Ended {
    let email = format!("{name}@example.com");
    let arguments = ["create", "--username", name, "--email", &email];
    users(database, &arguments.iter().chain(more).copied().collect::<Vec<_>>())
}

#[rstest]
fn what_the_commands_print_as_json_is_what_the_api_answers(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    // The service hears of what commands change within a second, and shows it at once only where it keeps nothing.
    let service = Service::start_on(&database, &[("CACHE", "off")]);
    let options = [
        "--role",
        "moderator",
        "--full-name",
        "Ann Lee",
        "--first-name",
        "Ann",
        "--last-name",
        "Lee",
        "--external-id",
        "hr-1",
        "--locale",
        "en-GB",
        "--user-metadata",
        r#"{"b": [1, 2.5], "a": null}"#,
        "--app-metadata",
        r#"{"x":"\u009b"}"#,
        "--inactive",
        "--json",
    ];
    let ann = json_of(create(&database, "ann", &options));
    let answer = service.get("/api/v1/users/1");
    assert_eq!((answer.status, &answer.body), (200, &ann));
    assert_eq!(
        (&ann["role"], &ann["is_active"], &ann["user_metadata"]),
        (&json!("moderator"), &json!(false), &json!({"b": [1, 2.5], "a": null}),)
    );
    for name in ["1", ann["uuid"].as_str().unwrap(), "ANN", "Ann@Example.com", "username:ann"] {
        assert_eq!(json_of(users(&database, &["get", name, "--json"])), ann, "{name}");
    }

    service.create("bob");
    let bob = json_of(users(&database, &["set-role", "bob", "admin", "--json"]));
    assert_eq!(service.get("/api/v1/users/2").body, bob);
    let bob = json_of(users(&database, &["set-password", "bob", "--json"]));
    assert_eq!(service.get("/api/v1/users/2").body, bob);

    service.create("cid");
    for (options, query) in [
        (&["--limit", "2"][..], "limit=2"),
        (&["--limit", "0"], "limit=0"),
        (&["--q", "AN", "--count", "none", "--limit", "1"], "q=AN&count=none&limit=1"),
        (&["--role", "admin", "--active"], "role=admin&is_active=true&limit=50"),
        (&["--inactive", "--sort", "-created_at"], "is_active=false&sort=-created_at&limit=50"),
        (&["--username", "BOB", "--email", "bob@EXAMPLE.com"], "username=BOB&email=bob@EXAMPLE.com&limit=50"),
        (&["--external-id", "hr-1"], "external_id=hr-1&limit=50"),
        (
            &["--created-before", "2020-01-31", "--created-after", "2000-01-01T00:00:00+01:00"],
            "created_before=2020-01-31T00:00:00Z&created_after=1999-12-31T23:00:00Z&limit=50",
        ),
        (&["--deleted"], "deleted=true&limit=50"),
    ] {
        let page = json_of(users(&database, &[&["list", "--json"], options].concat()));
        let mut expected = service.get(&format!("/api/v1/users?{query}")).body;
        let [ours, theirs] = [&page, &expected].map(|page| page["next_cursor"].as_str().map(str::to_owned));
        assert_eq!(ours.is_some(), theirs.is_some(), "{query}");
        // The same place is sealed differently each time.
        expected["next_cursor"] = page["next_cursor"].clone();
        assert_eq!(page, expected, "{query}");
        if let (Some(cursor), false) = (ours, query.contains("limit=0")) {
            let next = json_of(users(&database, &[&["list", "--json", "--cursor", &cursor], options].concat()));
            assert_eq!(next["users"], service.get(&format!("/api/v1/users?{query}&cursor={cursor}")).body["users"]);
        }
    }

    let gone = json_of(users(&database, &["delete", "cid", "--json"]));
    assert_eq!(service.get("/api/v1/users/3?deleted=true").body, gone);
    assert!(gone["deleted_at"].is_string());
    assert_eq!(json_of(users(&database, &["get", "3", "--deleted", "--json"])), gone);
    assert_eq!(json_of(users(&database, &["list", "--deleted=only", "--json"]))["users"], json!([gone]));
    let back = json_of(users(&database, &["restore", "cid", "--json"]));
    assert_eq!(service.get("/api/v1/users/3").body, back);
    service.stop();
}

#[rstest]
fn each_change_is_written_down_as_the_systems(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = migrated(kind) else { return };
    done(create(&database, "ann", &[]));
    done(users(&database, &["set-role", "ann", "moderator"]));
    done(users(&database, &["set-role", "ann", "moderator"]));
    done(users(&database, &["set-password", "ann"]));
    done(users(&database, &["delete", "ann"]));
    done(users(&database, &["restore", "ann"]));
    done(users(&database, &["get", "ann"]));
    let events = database.rows(
        "SELECT action, actor_type, CASE WHEN actor_id IS NULL AND origin IS NULL THEN 'nobody' ELSE 'somebody' END, \
         CASE WHEN session_id IS NULL AND request_id IS NULL THEN 'here' ELSE 'elsewhere' END, \
         CASE WHEN target_id IN (SELECT uuid FROM users) THEN 'a user' ELSE 'none' END \
         FROM audit_events ORDER BY recorded_at, id",
    );
    let expected = ["user.created", "user.role_changed", "user.password_changed", "user.deleted", "user.restored"];
    assert_eq!(events, expected.map(|action| format!("{action} system nobody here a user")));
    assert_eq!(database.rows("SELECT auth_epoch FROM users"), ["3"], "sessions have ended");
}

#[rstest]
fn people_read_lines_and_tables(#[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind) {
    let Some(database) = migrated(kind) else { return };
    let created = done(create(&database, "ann", &["--full-name", "Ann Lee"]));
    assert_eq!(created, "created ann <ann@example.com> (id 1, role user)\n");
    let arguments = ["create", "--username", "日本人", "--email", "jin@example.com", "--inactive"];
    done(users(&database, &arguments));
    let list = users(&database, &["list"]);
    assert_eq!((list.code, list.stderr.as_str()), (Some(0), "2 users\n"));
    let lines: Vec<_> = list.stdout.lines().collect();
    assert_eq!(lines[0], "ID  USERNAME  EMAIL            FULL NAME  ROLE  ACTIVE  CREATED");
    assert!(lines[1].starts_with("1   ann       ann@example.com  Ann Lee    user  yes     20"), "{}", lines[1]);
    assert!(lines[2].starts_with("2   日本人    "), "{}", lines[2]);
    assert_eq!(lines.len(), 3);

    let page = users(&database, &["list", "--limit", "1"]);
    assert!(page.stderr.starts_with("1 of 2 users; everybody: --all; the next page: --cursor "), "{}", page.stderr);
    let set = done(users(&database, &["set-role", "1", "admin"]));
    assert_eq!(set, "gave another role to ann <ann@example.com> (id 1, role admin)\n");
    let same = done(users(&database, &["set-role", "1", "admin"]));
    assert_eq!(same, "left as it was the role of ann <ann@example.com> (id 1, role admin)\n");
    let card = done(users(&database, &["get", "ann"]));
    assert!(card.contains("\nrole             admin\n") && card.contains("\nlocale           -\n"), "{card}");
    assert_eq!(done(users(&database, &["delete", "2"])).split(' ').next(), Some("deleted"));
    let deleted = users(&database, &["list", "--deleted"]);
    assert!(deleted.stdout.lines().next().unwrap().ends_with("  CREATED               DELETED"), "{}", deleted.stdout);
    assert_eq!(deleted.stdout.lines().count(), 3);
}

#[rstest]
fn what_is_refused_is_one_line(#[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind) {
    let Some(database) = migrated(kind) else { return };
    done(create(&database, "ann", &["--external-id", "hr-1", "--role", "admin"]));
    let wrong = with_input(
        &database,
        &[
            "users",
            "create",
            "--username",
            "a b",
            "--email",
            "bob",
            "--locale",
            "?",
            "--user-metadata",
            "[1]",
            "--app-metadata",
            r#"{"a":{"b":1e400}}"#,
        ],
        "short",
    );
    let wrong = wrong.reason();
    for option in ["--username: ", "--email: ", "--locale: ", "--user-metadata: ", "--app-metadata: ", "the password: "]
    {
        assert!(wrong.contains(option), "{option} in {wrong}");
    }
    for (ended, reason) in [
        (create(&database, "ANN", &[]), "the username ANN is already taken"),
        (
            users(&database, &["create", "--username", "ann2", "--email", "ANN@example.com"]),
            "the email address ANN@example.com is already taken",
        ),
        (create(&database, "bob", &["--external-id", "hr-1"]), "the external id hr-1 is already taken"),
        (users(&database, &["get", "42"]), "there is no user with the id 42"),
        (users(&database, &["delete", "bob"]), "there is no user with the username bob"),
        (
            users(&database, &["set-role", "bob@example.com", "user"]),
            "there is no user with the email address bob@example.com",
        ),
        (users(&database, &["restore", "bob"]), "there is no deleted user with the username bob"),
        (
            users(&database, &["list", "--cursor", "forged"]),
            "--cursor: it was not given out for this filter and this order, or with another ENCRYPTION_KEY",
        ),
        (users(&database, &["get", "\u{1b}[2Jx"]), "there is no user with the username \\u{1b}[2Jx"),
    ] {
        assert_eq!(ended.reason(), reason);
    }
}

#[rstest]
fn a_name_that_several_deleted_users_had_names_none_of_them(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = migrated(kind) else { return };
    for _ in 0..2 {
        done(create(&database, "ann", &[]));
        done(users(&database, &["delete", "ann"]));
    }
    let why = "several deleted users had the username ann; name one of them: 1, 2";
    assert_eq!(users(&database, &["restore", "ann"]).reason(), why);
    assert_eq!(users(&database, &["get", "ann", "--deleted"]).reason(), why);
    done(users(&database, &["restore", "2"]));
    assert!(
        done(users(&database, &["get", "ann", "--deleted"])).starts_with("id               2\n"),
        "who lives is meant"
    );
    assert_eq!(users(&database, &["restore", "1"]).reason(), "the username ann is already taken");
    assert!(done(users(&database, &["restore", "2"])).starts_with("left alone, as they were not deleted, ann "));
}

#[rstest]
fn who_lives_is_found_behind_any_number_of_deleted_ones(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[]);
    for _ in 0..11 {
        assert_eq!(service.delete(&service.create("ann")).status, 204);
    }
    let living = service.create("ann");
    for name in ["ann", "ANN@example.com"] {
        assert!(done(users(&database, &["get", name, "--deleted"])).starts_with("id               12\n"), "{name}");
    }
    service.delete(&living);
    let why = "several deleted users had the username ann; name one of them: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, \
               or one of 2 more that `usermgmt users list --deleted=only` shows";
    assert_eq!(users(&database, &["restore", "ann"]).reason(), why);
    assert_eq!(users(&database, &["get", "ann", "--deleted"]).reason(), why);
    service.stop();
}

#[test]
fn what_begins_with_a_minus_stands_behind_two() {
    let Some(database) = migrated(Kind::Sqlite) else { return };
    done(users(&database, &["create", "--username=-ann", "--email=-ann@example.com"]));
    for name in ["-ann", "-ann@example.com", "username:-ann"] {
        assert!(done(users(&database, &["get", "--", name])).contains("\nusername         -ann\n"), "{name}");
    }
    assert!(done(users(&database, &["get", "username:-ann"])).contains("\nusername         -ann\n"));
    let usage = users(&database, &["get", "-ann"]);
    assert!(usage.code == Some(2) && usage.stderr.contains("use '-- -a'"), "{usage:?}");
    assert!(users(&database, &["get", "--help"]).stdout.contains("users get -- -ann"), "the help says so");
}

#[test]
fn nothing_that_is_printed_turns_the_direction_of_writing() {
    let Some(database) = migrated(Kind::Sqlite) else { return };
    let metadata = ["--user-metadata", "{\"a\":\"\u{202e}nna\u{2066}\"}"];
    let ann = done(create(&database, "ann", &[&metadata[..], &["--json"]].concat()));
    for printed in [
        ann.clone(),
        done(users(&database, &["get", "ann", "--json"])),
        done(users(&database, &["list", "--json", "--count", "none"])),
        done(users(&database, &["list", "--all", "--json"])),
        done(users(&database, &["get", "ann"])),
    ] {
        assert!(!printed.contains(['\u{202e}', '\u{2066}']), "{printed}");
    }
    let ann: Value = serde_json::from_str(&ann).unwrap();
    assert_eq!(ann["user_metadata"], json!({"a": "\u{202e}nna\u{2066}"}));
}

#[rstest]
fn everybody_is_listed_page_after_page(#[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[]);
    let names: Vec<_> = (0..205).map(|number| format!("user{number:03}")).collect();
    for name in &names {
        service.create(name);
    }
    // Beside the service, which goes on.
    let all = done(users(&database, &["list", "--all", "--json", "--sort", "-username"]));
    let listed: Vec<Value> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(listed.iter().map(|user| user["username"].as_str().unwrap()).eq(names.iter().rev()), "{all}");
    assert_eq!(listed[204], service.get("/api/v1/users/1").body);
    let table = users(&database, &["list", "--all"]);
    assert_eq!((table.stdout.lines().count(), table.stderr.as_str()), (206, "205 users\n"));
    service.stop();
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let Some(database) = migrated(Kind::Sqlite) else { return };
    let service = Service::start_on(&database, &[]);
    (0..250).for_each(|number| drop(service.create(&format!("user{number}"))));
    for options in [&["--all"][..], &["--all", "--json"], &["--limit", "100"]] {
        let mut command = usermgmt(database.folder().path(), &[("DATABASE_URL", database.url())]);
        command.args(["users", "list"]).args(options).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut first = String::new();
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
        assert!(!said.contains("error"), "{said}");
    }
    service.stop();
}

#[rstest]
fn a_command_beside_the_service_changes_what_it_serves(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[]);
    std::thread::scope(|threads| {
        threads.spawn(|| (0..30).for_each(|number| drop(service.create(&format!("http{number}")))));
        for number in 0..6 {
            done(create(&database, &format!("shell{number}"), &[]));
        }
    });
    assert_eq!(service.get("/api/v1/users?limit=0").body["total"], 36);
    assert_eq!(service.post("/api/v1/users", &person("shell0")).status, 409);
    service.stop();
}

#[test]
fn numbers_name_nobody_where_they_are_hidden() {
    let Some(database) = migrated(Kind::Sqlite) else { return };
    let hidden = [("USER_ID_FORMAT", "uuid")];
    let arguments = ["users", "create", "--username", "ann", "--email", "ann@example.com", "--json"];
    let ann: Value =
        serde_json::from_str(&with_settings(&database, &hidden, &arguments, "correct horse").stdout).unwrap();
    assert_eq!(ann["id"], ann["uuid"]);
    let refused = with_settings(&database, &hidden, &["users", "get", "1"], "");
    assert!(refused.reason().contains("USER_ID_FORMAT=uuid"), "{refused:?}");
    let listed = with_settings(&database, &hidden, &["users", "list"], "");
    assert!(listed.stdout.lines().nth(1).unwrap().starts_with(ann["uuid"].as_str().unwrap()), "{}", listed.stdout);
}

#[rstest]
fn a_database_that_is_not_ready_is_left_alone(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let reason = users(&database, &["list"]).reason().to_owned();
    assert!(reason.contains("`usermgmt migrate up`"), "{reason}");
    assert!(!database.folder().path().join("data").exists(), "nothing was made");

    let settings = [("DATABASE_URL", database.url())];
    assert_eq!(run(database.folder().path(), &settings, &["migrate", "up"]).code, Some(0));
    assert_eq!(run(database.folder().path(), &settings, &["migrate", "down"]).code, Some(0));
    let reason = users(&database, &["list"]).reason().to_owned();
    assert!(
        reason.starts_with("the database lacks m2026") && reason.ends_with("run `usermgmt migrate up` first"),
        "{reason}"
    );

    assert_eq!(run(database.folder().path(), &settings, &["migrate", "up"]).code, Some(0));
    database.execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 0)");
    let reason = users(&database, &["list"]).reason().to_owned();
    assert!(reason.contains("newer than this program"), "{reason}");
}

#[rstest]
#[case("memory:")]
#[case("sqlite::memory:")]
fn a_database_in_memory_is_not_ours_to_look_into(#[case] url: &str) {
    let folder = tempfile::tempdir().unwrap();
    let reason = run(folder.path(), &[("DATABASE_URL", url)], &["users", "list"]).reason().to_owned();
    assert!(reason.starts_with(&format!("DATABASE_URL is {url}")) && reason.contains("nothing to work on"), "{reason}");
}
