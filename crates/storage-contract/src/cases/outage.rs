//! A storage that cannot be reached says so soon.

use std::time::Duration;

use domain::audit::{ChainLink, ListEvents};
use domain::login::LoginName;
use domain::ports::{AppendLinksError, Lease, StorageError, StorageFault};
use domain::query::{DeletedScope, ListUsers};
use domain::values::{SessionId, UserId, UserUuid};
use testkit::FixedClock;
use tokio::time::{Instant, timeout};

use crate::case::cases;
use crate::db::Db;
use crate::sign_in::new_digest;
use crate::unit::new_uuid;

cases![Unreachable:
    a_unit_cannot_begin_and_says_so_within_two_seconds,
    a_probe_says_so_within_two_seconds,
    a_reader_hears_so_within_two_seconds,
    a_reader_of_sessions_and_changes_hears_so_within_two_seconds,
    a_keeper_of_fingerprints_hears_so_within_two_seconds,
    a_reader_of_events_hears_so_within_two_seconds,
    a_sequencer_hears_so_within_two_seconds,
    a_holder_of_a_lease_hears_so_within_two_seconds,
];

/// Two seconds, and what a busy machine needs to notice.
const SOON: Duration = Duration::from_millis(2_400);

async fn assert_unavailable<T>(call: impl Future<Output = Result<T, StorageError>>) {
    let started = Instant::now();
    let answer = timeout(Duration::from_secs(10), call).await.expect("there is an answer at all");
    let fault = answer.err().map(|error| error.fault());
    assert_eq!(fault, Some(StorageFault::Unavailable));
    assert!(started.elapsed() < SOON, "it took {:?}", started.elapsed());
}

async fn a_unit_cannot_begin_and_says_so_within_two_seconds(db: Db) {
    for _ in 0..2 {
        assert_unavailable(db.storage().begin()).await;
    }
}

async fn a_probe_says_so_within_two_seconds(db: Db) {
    for _ in 0..2 {
        assert_unavailable(db.probe().probe()).await;
    }
}

async fn a_reader_hears_so_within_two_seconds(db: Db) {
    let queries = db.queries();
    assert_unavailable(queries.find(UserId::new(1).into(), DeletedScope::Live)).await;
    assert_unavailable(queries.list(&ListUsers { limit: 10, ..Default::default() })).await;
    assert_unavailable(queries.export(UserId::new(0), 10)).await;
    assert_unavailable(queries.suspensions_ended(FixedClock::START, 10)).await;
}

async fn a_reader_of_sessions_and_changes_hears_so_within_two_seconds(db: Db) {
    let (user, session) = (UserUuid::new(new_uuid()), SessionId::new(new_uuid()));
    let queries = db.sessions();
    assert_unavailable(queries.find_login(&LoginName::parse("ann"))).await;
    assert_unavailable(queries.login_standing(new_digest(), new_digest(), Some(user))).await;
    assert_unavailable(queries.find_access(session)).await;
    assert_unavailable(queries.find_token_session(new_digest())).await;
    assert_unavailable(queries.sessions_of(user, FixedClock::START)).await;
    assert_unavailable(db.changes().newest()).await;
    assert_unavailable(db.changes().after(0, 10)).await;
}

async fn a_keeper_of_fingerprints_hears_so_within_two_seconds(db: Db) {
    let fingerprints = db.fingerprints();
    assert_unavailable(fingerprints.kept("a")).await;
    assert_unavailable(fingerprints.keep("a", new_digest(), FixedClock::START)).await;
}

async fn a_reader_of_events_hears_so_within_two_seconds(db: Db) {
    let (trail, somebody) = (db.trail(), UserUuid::new(new_uuid()));
    assert_unavailable(trail.list(&ListEvents { limit: 10, ..Default::default() })).await;
    assert_unavailable(trail.history(somebody, None, 0, 10)).await;
    assert_unavailable(trail.subject_keys(&[somebody])).await;
}

async fn a_sequencer_hears_so_within_two_seconds(db: Db) {
    let chain = db.chain();
    assert_unavailable(chain.head()).await;
    assert_unavailable(chain.last_sequenced()).await;
    assert_unavailable(chain.unsequenced(0, None, 10)).await;
    assert_unavailable(chain.links(0, 10)).await;
    assert_unavailable(chain.checkpoints(0, 10)).await;
    assert_unavailable(chain.last_checkpoint()).await;
    let link = ChainLink { position: 1, event_id: new_uuid(), hash: new_digest() };
    let appended = async {
        chain.append(&[link], None).await.map_err(|error| match error {
            AppendLinksError::Storage(error) => error,
            AppendLinksError::Taken => panic!("nobody can know that"),
        })
    };
    assert_unavailable(appended).await;
}

async fn a_holder_of_a_lease_hears_so_within_two_seconds(db: Db) {
    let leases = db.leases();
    let lease = Lease { name: "a".to_owned(), owner: new_uuid(), term: 1 };
    assert_unavailable(leases.find("a")).await;
    assert_unavailable(leases.take("a", None, new_uuid())).await;
    assert_unavailable(leases.take("a", Some(lease.clone()), new_uuid())).await;
    assert_unavailable(leases.renew(&lease)).await;
    assert_unavailable(leases.release(&lease)).await;
}
