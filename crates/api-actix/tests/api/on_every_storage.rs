//! Every other test of this binary again, on each storage that has a server here: a process of its own for each.
//!
//! `API_TESTS` narrows what they run, as the argument of `cargo test` does for the tests in memory:
//! `API_TESTS=users::list cargo test --workspace --test api on_every_storage::mysql`.

use std::io::Write as _;
use std::process::Command;

use crate::storage::{TEMPLATE, Template, variable};

/// Tests at a time: they mostly wait.
const THREADS: &str = "4";

#[test]
fn sqlite() {
    run_on("sqlite", Template::in_a_folder());
}

#[test]
fn mariadb() {
    run_on_server("mariadb", "TEST_MARIADB_URL");
}

#[test]
fn mysql() {
    run_on_server("mysql", "TEST_MYSQL_URL");
}

#[test]
fn postgres() {
    run_on_server("postgres", "TEST_POSTGRES_URL");
}

#[test]
fn a_filter_that_finds_no_test_fails() {
    let mut misspelt = Command::new(std::env::current_exe().unwrap());
    misspelt.env("API_TESTS", "user::list").args(["--exact", "on_every_storage::sqlite"]);
    let ended = misspelt.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(!ended.status.success() && said.contains("no test is named like user::list"), "{said}");
}

fn run_on_server(kind: &str, name: &str) {
    if let Some(url) = variable(name) {
        return run_on(kind, Template::on_server(&url, kind));
    }
    assert!(variable("REQUIRE_ALL").is_none_or(|value| value != "1"), "{name} is not set");
    say(&format!("SKIPPED on {kind}: {name} is not set"));
}

fn run_on(kind: &str, template: Template) {
    let mut tests = Command::new(std::env::current_exe().unwrap());
    tests.env(TEMPLATE, &template.url).args(["--test-threads", THREADS]);
    // Those that are about the storages themselves.
    tests.args(["--skip", "on_every_storage", "--skip", "storage::server"]);
    let filter = variable("API_TESTS");
    tests.args(&filter);
    let ended = tests.output();
    template.clear();
    let ended = ended.unwrap();
    let (said, log) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{said}\n{log}");
    let found_none = said.contains("\nrunning 0 tests\n");
    assert!(!found_none, "no test is named like {}", filter.unwrap_or_default());
    say(&format!("on {kind}: {}", said.trim_end().lines().last().unwrap_or_default()));
}

/// Not `eprintln!`, which nobody sees when a test passes.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
