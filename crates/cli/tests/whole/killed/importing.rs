//! An import that is killed again and again, and started again with the same command until it ends.

use std::collections::BTreeSet;
use std::fs::{read_to_string, write};
use std::process::{Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rstest::rstest;

use super::{KILLS, assert_all_agrees, let_leases_run_out, moments, number, within};
use crate::database::{Database, Kind};
use crate::service::{Ended, Service, run, usermgmt};

/// Records in each file: several batches.
const RECORDS: usize = 3_000;

/// Of each file one record is broken, and one is about somebody who is there already.
const BROKEN: usize = 1_500;
const THERE_ALREADY: usize = 7;

#[rstest]
fn a_killed_import_takes_everybody_over_exactly_once(
    #[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind,
) {
    let Some(database) = kind.database() else { return };
    let mut moments = moments("importing", kind);
    let migrated = run(database.folder().path(), &[("DATABASE_URL", database.url())], &["migrate", "up"]);
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    let calm = duration_of_a_batch(&database);

    let (mut kills, mut files) = (0, 0);
    while kills < KILLS {
        kills += Import::write(&database, files).run(calm, &mut moments);
        files += 1;
    }
    // Somebody gives the last events their places.
    let_leases_run_out(&database);
    Service::start_on(&database, &[]).stop();

    let users = BATCH + files * (RECORDS - 2);
    for (what, sql) in [
        ("users", "SELECT COUNT(*) FROM users"),
        ("names", "SELECT COUNT(DISTINCT username) FROM users"),
        ("hashes", "SELECT COUNT(DISTINCT password_hash) FROM users"),
        ("events", "SELECT COUNT(*) FROM audit_events WHERE action = 'user.imported'"),
        ("people whom events are about", "SELECT COUNT(DISTINCT subject_id) FROM audit_events"),
        ("keys", "SELECT COUNT(*) FROM subject_keys JOIN users ON users.uuid = subject_keys.subject_id"),
    ] {
        assert_eq!(number(&database, sql), users as u64, "{what}, after {kills} kills in {files} files");
    }
    assert_all_agrees(&database, &[]);
}

/// Records that are stored at once.
const BATCH: usize = 1_000;

/// How long the import of one batch takes that nobody kills; somebody of it is in every file.
fn duration_of_a_batch(database: &Database) -> Duration {
    let records: String = (0..BATCH).fold(HEADER.to_owned(), |text, number| text + &record("calm", number));
    write(database.folder().path().join("calm.csv"), records).unwrap();
    let begun = Instant::now();
    let ended = run(database.folder().path(), &[("DATABASE_URL", database.url())], &["users", "import", "calm.csv"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    begun.elapsed()
}

/// The import of one file.
struct Import<'a> {
    database: &'a Database,
    file: String,
    rejected: String,
}

impl<'a> Import<'a> {
    fn write(database: &'a Database, number: usize) -> Self {
        let mut text = HEADER.to_owned();
        for record_number in 0..RECORDS {
            match record_number {
                BROKEN => text.push_str("broken,not an address,,\n"),
                THERE_ALREADY => text.push_str(&record("calm", record_number)),
                _ => text.push_str(&record(&format!("file{number}"), record_number)),
            }
        }
        let (file, rejected) = (format!("file{number}.csv"), format!("rejected{number}.csv"));
        write(database.folder().path().join(&file), text).unwrap();
        Self { database, file, rejected }
    }

    /// Starts it until it ends by itself, and tells how often it was killed before.
    fn run(&self, calm: Duration, moments: &mut Rng) -> u32 {
        let mut kills = 0;
        loop {
            // Longer the more often it was killed, so that it ends also where the machine has become busier.
            let patience = within(moments, calm.mul_f64(0.9 + 0.1 * f64::from(kills)));
            let Some(ended) = self.start(patience) else {
                kills += 1;
                continue;
            };
            // A machine that is busy with tests is too slow now and then. That is not counted.
            if ended.stderr.contains(GOES_ON) && ended.stderr.contains("in time") {
                continue;
            }
            self.judge(&ended, kills);
            return kills;
        }
    }

    /// Nothing if it had to be killed.
    fn start(&self, patience: Duration) -> Option<Ended> {
        let settings = [("DATABASE_URL", self.database.url())];
        let mut command = usermgmt(self.database.folder().path(), &settings);
        command.args(["users", "import", &self.file, "--on-conflict", "skip", "--rejected", &self.rejected]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        while begun.elapsed() < patience && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        // Whoever was killed has no exit code; it may have ended just before.
        status.code().map(|code| Ended { code: Some(code), stdout: text(stdout), stderr: text(stderr) })
    }

    fn judge(&self, ended: &Ended, kills: u32) {
        // Every file has a record that is rejected.
        assert_eq!(ended.code, Some(1), "after {kills} kills: {ended:?}");
        let told = |created, skipped| {
            format!("records: {RECORDS}, created: {created}, updated: 0, skipped: {skipped}, rejected: 1\n")
        };
        // If it was killed between its last commit and its end, everybody was there already the next time.
        let expected = [told(RECORDS - 2, 1), told(0, RECORDS - 1)];
        assert!(expected.contains(&ended.stdout), "after {kills} kills: {ended:?}");
        // None is lost. What was written of a batch that was not stored then is written again with it.
        let rejected = read_to_string(self.database.folder().path().join(&self.rejected)).unwrap();
        let rows: BTreeSet<_> = rejected.lines().skip(1).collect();
        assert!(rows.len() == 1 && rejected.contains("not an address"), "after {kills} kills: {rejected}");
    }
}

/// What an import says that the database has let down.
const GOES_ON: &str = "the same command goes on from here";

const HEADER: &str = "username,email,password_hash,full_name\n";

/// Somebody with a hash of their own.
fn record(name: &str, number: usize) -> String {
    let hash = "abcdefghijklmnopqrstuuTlVsOuVp3UoiKhKt2Ah6n3bVbZjv5Jq";
    let salt = format!("{name}x{number}x");
    let rest = &hash[salt.len()..];
    format!("{name}-{number},{name}-{number}@example.com,$2b$04${salt}{rest},{name} number {number}\n")
}
