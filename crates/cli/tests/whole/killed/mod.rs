//! `kill -9` at random moments: what was acknowledged is there, nothing is there twice, and everything agrees.
//!
//! The moments come from a seed that is printed; `KILL_SEED` sets it.

mod client;
mod importing;
mod serving;

use std::io::Write as _;
use std::time::Duration;

use fastrand::Rng;

use crate::database::{Database, Kind};
use crate::environment::variable;
use crate::service::run;

/// So often either test kills on each database.
const KILLS: u32 = 26;

/// Draws the moments of a test.
fn moments(test: &str, kind: Kind) -> Rng {
    let seed = variable("KILL_SEED").map_or_else(|| fastrand::u64(..), |seed| seed.parse().unwrap());
    let _ = writeln!(std::io::stderr(), "{test} on {kind:?}: KILL_SEED={seed}");
    Rng::with_seed(seed)
}

/// Any moment within this time.
fn within(moments: &mut Rng, time: Duration) -> Duration {
    time.mul_f64(moments.f64())
}

/// Whoever held a lease is dead, and the six seconds for which others watch it would be most of the test.
fn let_leases_run_out(database: &Database) {
    database.execute("DELETE FROM leases");
}

/// The one number that a query finds.
#[track_caller]
fn number(database: &Database, sql: &str) -> u64 {
    let rows = database.rows(sql);
    rows.first().and_then(|row| row.parse().ok()).unwrap_or_else(|| panic!("{sql}: {rows:?}"))
}

/// Fails unless the trail is whole, every event has its place, and `doctor` finds nothing.
#[track_caller]
fn assert_all_agrees(database: &Database, settings: &[(&str, &str)]) {
    let settings = [&[("DATABASE_URL", database.url())], settings].concat();
    let verified = run(database.folder().path(), &settings, &["audit", "verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let doctor = run(database.folder().path(), &settings, &["doctor", "--full"]);
    assert_eq!(doctor.code, Some(0), "{}\n{}", doctor.stdout, doctor.stderr);
    let events = number(database, "SELECT COUNT(*) FROM audit_events");
    for end in ["COUNT(*)", "MAX(position)", "COUNT(*) + 1 - MIN(position)", "COUNT(DISTINCT event_id)"] {
        assert_eq!(number(database, &format!("SELECT {end} FROM audit_chain")), events, "{end}");
    }
}
