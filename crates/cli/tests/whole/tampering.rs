//! Somebody who may do anything to the database, but has no key, changes the audit trail: it is found, and where.

use std::thread::sleep;
use std::time::Duration;

use application::audit::hash_after;
use domain::audit::GENESIS;
use domain::values::Digest;
use rstest::rstest;
use serde_json::Value;

use crate::database::{Database, Kind};
use crate::service::{Ended, Service, run};

/// The event at the fifth position.
const FIFTH: &str = "WHERE id = (SELECT event_id FROM audit_chain WHERE position = 5)";

const TABLES: [&str; 3] = ["audit_events", "audit_chain", "audit_checkpoints"];

/// A trail of twelve events that was signed four times, which anybody may change by now.
struct Trail {
    kind: Kind,
    database: Database,
    /// Where it was signed.
    signed: Vec<i64>,
}

impl Trail {
    fn of(kind: Kind) -> Option<Self> {
        let database = kind.database()?;
        let service = Service::start_on(&database, &[]);
        for number in 0..12 {
            service.create(&format!("user{number}"));
            if number % 3 == 2 {
                sleep(Duration::from_millis(1_600));
            }
        }
        service.stop();
        let signed = database.rows("SELECT position FROM audit_checkpoints ORDER BY position");
        let signed: Vec<i64> = signed.iter().map(|position| position.parse().unwrap()).collect();
        assert!(signed.len() >= 4 && signed.last() == Some(&12), "{signed:?}");
        let trail = Self { kind, database, signed };
        trail.take_the_guards_away();
        for table in TABLES {
            trail.execute(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"));
        }
        Some(trail)
    }

    fn take_the_guards_away(&self) {
        let names = match self.kind {
            Kind::Postgres => {
                for table in TABLES {
                    self.execute(&format!("ALTER TABLE {table} DISABLE TRIGGER USER"));
                }
                return;
            }
            Kind::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'trigger'",
            Kind::MariaDb | Kind::MySql => {
                "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
            }
        };
        for name in self.database.rows(names) {
            self.execute(&format!("DROP TRIGGER {name}"));
        }
    }

    fn execute(&self, sql: &str) {
        self.database.execute(sql);
    }

    /// As if nothing had happened.
    fn restore(&self) {
        for table in TABLES {
            self.execute(&format!("DELETE FROM {table}"));
            self.execute(&format!("INSERT INTO {table} SELECT * FROM kept_{table}"));
        }
    }

    fn usermgmt(&self, arguments: &[&str]) -> Ended {
        run(self.database.folder().path(), &[("DATABASE_URL", self.database.url())], arguments)
    }

    fn verified(&self) -> Ended {
        self.usermgmt(&["audit", "verify"])
    }

    /// What `audit verify` says after somebody did this; then it is undone.
    fn told_after(&self, statements: &[&str]) -> Ended {
        for sql in statements {
            self.execute(sql);
        }
        let ended = self.verified();
        self.restore();
        ended
    }

    #[track_caller]
    fn finds(&self, statements: &[&str], position: i64, words: &str) {
        let ended = self.told_after(statements);
        let told = ended.stderr.lines().last().unwrap_or_default();
        let expected = format!("error: position {position} ");
        assert_eq!(ended.code, Some(1), "{statements:?}: {ended:?}");
        assert!(told.starts_with(&expected), "{statements:?}: {ended:?}");
        assert!(told.contains(words), "{statements:?}: {ended:?}");
    }

    /// The first place at which it was signed, from a position on.
    fn signed_from(&self, position: i64) -> i64 {
        *self.signed.iter().find(|signed| **signed >= position).unwrap()
    }

    fn bytes(&self, digest: &Digest) -> String {
        let hex = digest.to_hex();
        if self.kind == Kind::Postgres { format!("decode('{hex}', 'hex')") } else { format!("X'{hex}'") }
    }
}

#[rstest]
fn whatever_somebody_does_to_the_trail_is_found(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(trail) = Trail::of(kind) else { return };
    let ended = trail.verified();
    assert!(ended.stdout.starts_with("positions 1 to 12 are as they were: 12 events, "), "{ended:?}");
    columns(&trail);
    links_and_events(&trail);
    order(&trail);
    checkpoints(&trail);
    events_put_in(&trail);
    let ended = trail.verified();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "what was undone is in order: {ended:?}");
    written_anew(&trail);
    outside_copies(&trail);
}

fn columns(trail: &Trail) {
    for change in [
        "recorded_at = '2020-01-01 00:00:00'",
        "action = 'user.deleted'",
        "actor_type = 'system'",
        "actor_id = id",
        "target_type = 'session'",
        "target_id = id",
        "subject_id = id",
        "fields = 'role'",
        "origin = 'p1.AAAA'",
        "changes = NULL",
        "request_id = 'another'",
        "session_id = id",
    ] {
        trail.finds(&[&format!("UPDATE audit_events SET {change} {FIFTH}")], 5, "not what it was");
    }
    let code = format!("UPDATE audit_events SET mac = (SELECT hash FROM kept_audit_chain WHERE position = 1) {FIFTH}");
    trail.finds(&[&code], 5, "has not written");
    trail.finds(&[&format!("UPDATE audit_events SET id = target_id {FIFTH}")], 5, "taken away");
}

fn links_and_events(trail: &Trail) {
    trail.finds(&[&format!("DELETE FROM audit_events {FIFTH}")], 5, "taken away");
    trail.finds(&["DELETE FROM audit_chain WHERE position = 5"], 5, "no such position");
    trail.finds(&["DELETE FROM audit_chain WHERE position = 1"], 1, "no such position");
    trail.finds(&["DELETE FROM audit_chain WHERE position > 10"], 11, "ends before");
    trail.finds(&["DELETE FROM audit_chain"], 1, "ends before");
    trail.finds(&["UPDATE audit_chain SET position = 20 WHERE position = 12"], 12, "");
    let hash =
        "UPDATE audit_chain SET hash = (SELECT mac FROM kept_audit_events ORDER BY id LIMIT 1) WHERE position = 5";
    trail.finds(&[hash], 5, "Another event stood here, or the stored hash");
}

fn order(trail: &Trail) {
    let take_out = "DELETE FROM audit_chain WHERE position IN (5, 7)";
    let put_back = |event: i64, hash: i64, position: i64| {
        format!(
            "INSERT INTO audit_chain (position, event_id, hash) SELECT {position}, one.event_id, other.hash \
             FROM kept_audit_chain one CROSS JOIN kept_audit_chain other \
             WHERE one.position = {event} AND other.position = {hash}"
        )
    };
    trail.finds(&[take_out, &put_back(7, 5, 5), &put_back(5, 7, 7)], 5, "Another event stood here");
    trail.finds(&[take_out, &put_back(7, 7, 5), &put_back(5, 5, 7)], 5, "Another event stood here");
}

fn checkpoints(trail: &Trail) {
    let (first, second, last) = (trail.signed[0], trail.signed[1], *trail.signed.last().unwrap());
    let wrong = "No known key has signed";
    for column in ["hash", "signature", "recorded_at"] {
        let other = format!("(SELECT {column} FROM kept_audit_checkpoints WHERE position = {last})");
        let sql = format!("UPDATE audit_checkpoints SET {column} = {other} WHERE position = {second}");
        trail.finds(&[&sql], second, wrong);
    }
    let sql = format!("UPDATE audit_checkpoints SET key_id = 'abc' WHERE position = {second}");
    trail.finds(&[&sql], second, wrong);
    let replaced = format!(
        "INSERT INTO audit_checkpoints (position, hash, recorded_at, key_id, signature) \
         SELECT {second}, hash, recorded_at, key_id, signature FROM kept_audit_checkpoints WHERE position = {first}"
    );
    trail.finds(&[&format!("DELETE FROM audit_checkpoints WHERE position = {second}"), &replaced], second, wrong);
    // The next one names the one that is gone.
    trail.finds(&[&format!("DELETE FROM audit_checkpoints WHERE position = {first}")], second, wrong);
    // Nothing names the last one, but what it signed is signed by nobody then.
    let before = trail.signed[trail.signed.len() - 2];
    let gone = format!("DELETE FROM audit_checkpoints WHERE position = {last}");
    trail.finds(&[&gone], before + 1, "Nobody has signed the chain from here on");
}

fn events_put_in(trail: &Trail) {
    let forged = "INSERT INTO audit_events (id, recorded_at, action, actor_type, actor_id, target_type, target_id, \
                  subject_id, fields, origin, changes, request_id, session_id, mac) \
                  SELECT target_id, recorded_at, action, actor_type, actor_id, target_type, target_id, subject_id, \
                  fields, origin, changes, request_id, session_id, mac FROM kept_audit_events \
                  WHERE id = (SELECT event_id FROM kept_audit_chain WHERE position = 5)";
    let beside = trail.told_after(&[forged]);
    assert_eq!(beside.code, Some(1), "{beside:?}");
    assert!(beside.stderr.contains("was not written by the service"), "{beside:?}");
    assert!(beside.stderr.contains("events were put in beside it by hand"), "{beside:?}");
    let link = |position: &str| {
        format!(
            "INSERT INTO audit_chain (position, event_id, hash) SELECT {position}, target_id, mac \
             FROM kept_audit_events WHERE id = (SELECT event_id FROM kept_audit_chain WHERE position = 5)"
        )
    };
    trail.finds(&[forged, &link("13")], 13, "not what it was");
    trail.finds(&[forged, &link("-3")], -3, "has not written");
    let moved = "UPDATE audit_chain SET position = position + 100 WHERE position >= 6";
    trail.finds(
        &[moved, "UPDATE audit_chain SET position = position - 99 WHERE position > 100", forged, &link("6")],
        6,
        "",
    );
}

/// Whoever can count hashes writes the rest of the chain anew, but cannot sign it.
fn written_anew(trail: &Trail) {
    let ended = trail.usermgmt(&["audit", "export"]);
    let mut canonical: Vec<String> = Vec::new();
    for line in ended.stdout.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        canonical.extend(line["canonical"].as_str().map(ToOwned::to_owned));
    }
    assert_eq!(canonical.len(), 12);
    let anew = |canonical: &[String]| {
        let mut hash = GENESIS;
        let chain = canonical.iter().zip(1..).map(|(canonical, position)| {
            hash = hash_after(&hash, canonical.as_bytes());
            format!("UPDATE audit_chain SET hash = {} WHERE position = {position}", trail.bytes(&hash))
        });
        chain.collect::<Vec<_>>()
    };
    let mut changed = canonical.clone();
    changed[4] = changed[4].replace("user.created", "user.forgiven");
    let mut statements = vec![format!("UPDATE audit_events SET action = 'user.forgiven' {FIFTH}")];
    statements.extend(anew(&changed));
    trail.finds(&statements.iter().map(String::as_str).collect::<Vec<_>>(), 5, "has not written");

    // One event less, which leaves only genuine ones; and the checkpoints that would be beyond the end are taken away.
    canonical.remove(4);
    let mut statements = vec![
        format!("DELETE FROM audit_events {FIFTH}"),
        "DELETE FROM audit_chain WHERE position = 5".to_owned(),
        "UPDATE audit_chain SET position = position + 100 WHERE position > 5".to_owned(),
        "UPDATE audit_chain SET position = position - 101 WHERE position > 100".to_owned(),
        "DELETE FROM audit_checkpoints WHERE position > 11".to_owned(),
    ];
    statements.extend(anew(&canonical));
    let statements: Vec<_> = statements.iter().map(String::as_str).collect();
    trail.finds(&statements, trail.signed_from(5), "written anew");

    // And without all the checkpoints behind: then nobody has signed what is left.
    let signed = trail.signed.iter().copied().filter(|position| *position < 5).max().unwrap_or(0);
    let all = format!("DELETE FROM audit_checkpoints WHERE position > {signed}");
    let statements: Vec<_> = statements.into_iter().chain([all.as_str()]).collect();
    trail.finds(&statements, signed + 1, "Nobody has signed the chain from here on");
}

/// A file and the public key are enough.
fn outside_copies(trail: &Trail) {
    let file = trail.database.folder().path().join("audit.ndjson");
    let path = file.to_str().unwrap();
    assert_eq!(trail.usermgmt(&["audit", "export", "--output", path]).code, Some(0));
    let key = trail.usermgmt(&["audit", "public-key"]).stdout;
    let elsewhere = tempfile::tempdir().unwrap();
    let verify =
        |key: &str| run(elsewhere.path(), &[], &["audit", "verify", "--file", path, "--public-key", key.trim()]);
    let ended = verify(&key);
    assert!(ended.stdout.starts_with("positions 1 to 12 are as they were: 12 events, "), "{ended:?}");
    assert_eq!(ended.stderr, "");
    let another = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    assert!(verify(another).reason().contains("No known key has signed"), "another's key");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("user.created", "user.deleted", 1)).unwrap();
    assert_eq!(
        verify(&key).reason(),
        "line 1: position 1 is wrong: The event is not what it was when it got its place"
    );
    std::fs::write(&file, text.lines().filter(|line| !line.contains("signature")).collect::<Vec<_>>().join("\n"))
        .unwrap();
    assert_eq!(verify(&key).reason(), "nobody has signed position 1 and what follows, so anybody may have written it");
}
