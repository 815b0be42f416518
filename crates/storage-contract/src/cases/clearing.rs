//! Deleting what is over: as much as was asked for, and nothing that is live.

use chrono::{DateTime, TimeDelta, Utc};
use domain::login::FailureRun;
use domain::ports::OneTimePurpose;
use domain::user::User;
use domain::values::Digest;
use testkit::user;

use crate::case::cases;
use crate::db::Db;
use crate::sign_in::{
    LIFETIME, NOW, digest, failed, from_anywhere, from_network, micros, new_digest, revoked, session, session_at,
    successor, token,
};

cases![
    sessions_that_ended_before_are_deleted_and_no_others,
    the_tokens_of_a_deleted_session_go_with_it,
    at_most_so_many_sessions_are_deleted_at_once,
    runs_that_are_over_are_deleted_and_no_others,
    networks_that_nobody_came_from_since_are_deleted_and_no_others,
    at_most_so_many_runs_and_networks_are_deleted_at_once,
    one_time_tokens_that_have_expired_are_deleted_and_no_others,
    at_most_so_many_one_time_tokens_are_deleted_at_once,
];

const MANY: u32 = 1_000;

async fn clean_up_sessions(db: &Db, ended_before: DateTime<Utc>, limit: u32) -> u64 {
    let mut unit = db.begin().await;
    let deleted = unit.sessions().clean_up(ended_before, limit).await.expect("sessions can be cleaned up");
    unit.commit().await;
    deleted
}

async fn clean_up_logins(db: &Db, now: DateTime<Utc>, networks_before: DateTime<Utc>, limit: u32) -> u64 {
    let mut unit = db.begin().await;
    let deleted = unit.logins().clean_up(now, networks_before, limit).await.expect("sign-ins can be cleaned up");
    unit.commit().await;
    deleted
}

async fn clean_up_one_time_tokens(db: &Db, now: DateTime<Utc>, limit: u32) -> u64 {
    let mut unit = db.begin().await;
    let deleted = unit.one_time_tokens().clean_up(now, limit).await.expect("tokens can be cleaned up");
    unit.commit().await;
    deleted
}

async fn sessions_that_ended_before_are_deleted_and_no_others(db: Db) {
    let ann = db.add(user()).await;
    let before = NOW;
    let opened = |at: DateTime<Utc>| session_at(&ann, at);
    let over = [opened(before - LIFETIME.idle - micros(1)), revoked(opened(before - micros(2)), before - micros(1))];
    let mut refreshed = opened(before - LIFETIME.idle);
    refreshed.refresh(LIFETIME, before - TimeDelta::days(6));
    let kept = [
        opened(before),
        opened(before - LIFETIME.idle),
        revoked(opened(before - micros(2)), before),
        revoked(opened(before), before + TimeDelta::days(1)),
        refreshed,
    ];
    db.open(&over.iter().chain(&kept).collect::<Vec<_>>()).await;
    assert_eq!(clean_up_sessions(&db, before, MANY).await, 2);
    assert_eq!(clean_up_sessions(&db, before, MANY).await, 0);
    for session in over {
        assert_eq!(db.session(session.id()).await, None);
        assert_eq!(db.sessions().find_access(session.id()).await.expect("a session can be read"), None);
    }
    for session in kept {
        assert_eq!(db.session(session.id()).await.as_ref(), Some(&session));
    }
}

async fn the_tokens_of_a_deleted_session_go_with_it(db: Db) {
    let ann = db.add(user()).await;
    let (over, live) = (session_at(&ann, NOW - LIFETIME.absolute), session(&ann));
    db.open(&[&over, &live]).await;
    let of_over = token(&over);
    let (later, of_live) = (successor(&of_over), token(&live));
    db.give_out(&[&of_over, &later, &of_live]).await;
    assert_eq!(clean_up_sessions(&db, NOW, MANY).await, 1);
    for token in [of_over.digest, later.digest] {
        assert_eq!(db.token(token).await, None);
        assert_eq!(db.sessions().find_token_session(token).await.expect("a token can be read"), None);
    }
    assert_eq!(db.token(of_live.digest).await, Some(of_live));
}

/// Cleans up by twos and says how many went each time.
async fn by_twos<F: Future<Output = u64>>(db: &Db, clean_up: fn(Db, u32) -> F) -> Vec<u64> {
    let mut deleted = vec![clean_up(db.clone(), 0).await];
    for _ in 0..4 {
        deleted.push(clean_up(db.clone(), 2).await);
    }
    deleted
}

async fn at_most_so_many_sessions_are_deleted_at_once(db: Db) {
    let ann = db.add(user()).await;
    for number in 0..5 {
        let over = session_at(&ann, NOW - LIFETIME.absolute - TimeDelta::days(number));
        db.open(&[&over]).await;
        db.give_out(&[&token(&over), &token(&over)]).await;
    }
    assert_eq!(
        by_twos(&db, |db, limit| async move { clean_up_sessions(&db, NOW, limit).await }).await,
        [0, 2, 2, 1, 0]
    );
}

async fn set_failures(db: &Db, name: &str, run: FailureRun) {
    let mut unit = db.begin().await;
    for key in [from_network(name, "home"), from_anywhere(name)] {
        unit.logins().failures(key).await.expect("failures can be loaded");
        unit.logins().set_failures(key, run).await.expect("failures can be stored");
    }
    unit.commit().await;
}

async fn kept_failures(db: &Db, name: &str) -> [Option<FailureRun>; 2] {
    let standing = db.sessions().login_standing(digest(name), digest("home"), None).await;
    let standing = standing.expect("failures can be read");
    [standing.here, standing.anywhere]
}

async fn runs_that_are_over_are_deleted_and_no_others(db: Db) {
    let just_over = NOW - FailureRun::MEMORY;
    let waited = NOW - FailureRun::MEMORY_OF_WAITS;
    let waiting = |until| FailureRun { wait_until: Some(until), ..failed(9, waited - TimeDelta::hours(1)) };
    let over = [("over", failed(3, just_over)), ("waited", waiting(waited))];
    let kept = [
        ("not over", failed(3, just_over + micros(1))),
        ("not over since a wait", waiting(waited + micros(1))),
        ("waits", waiting(NOW + TimeDelta::hours(1))),
        ("failed in a wait", FailureRun { last_failed_at: NOW, ..waiting(waited) }),
    ];
    for (name, run) in over.into_iter().chain(kept) {
        set_failures(&db, name, run).await;
    }
    assert_eq!(clean_up_logins(&db, NOW, NOW, MANY).await, 4, "of two names in two places");
    assert_eq!(clean_up_logins(&db, NOW, NOW, MANY).await, 0);
    for (name, _) in over {
        assert_eq!(kept_failures(&db, name).await, [None; 2], "{name}");
    }
    for (name, run) in kept {
        assert_eq!(kept_failures(&db, name).await, [Some(run); 2], "{name}");
    }
}

async fn sign_in(db: &Db, user: &User, network: &str, now: DateTime<Utc>) {
    let mut unit = db.begin().await;
    unit.logins().signed_in(user.uuid(), digest(network), now).await.expect("a sign-in can be noted");
    unit.commit().await;
}

async fn is_known(db: &Db, user: &User, network: &str) -> bool {
    let standing = db.sessions().login_standing(digest("a name"), digest(network), Some(user.uuid())).await;
    standing.expect("networks can be read").is_known_network
}

async fn networks_that_nobody_came_from_since_are_deleted_and_no_others(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    let since = NOW - TimeDelta::days(90);
    sign_in(&db, &ann, "before", since - micros(1)).await;
    sign_in(&db, &ann, "then", since).await;
    sign_in(&db, &bob, "again", since - micros(1)).await;
    sign_in(&db, &bob, "again", NOW).await;
    assert_eq!(clean_up_logins(&db, NOW, since, MANY).await, 1);
    assert!(!is_known(&db, &ann, "before").await);
    assert!(is_known(&db, &ann, "then").await && is_known(&db, &bob, "again").await);
}

async fn at_most_so_many_runs_and_networks_are_deleted_at_once(db: Db) {
    let ann = db.add(user()).await;
    for number in 0..5 {
        let mut unit = db.begin().await;
        let key = from_anywhere(&number.to_string());
        unit.logins().failures(key).await.expect("failures can be loaded");
        let long_ago = failed(1, NOW - TimeDelta::days(number + 1));
        unit.logins().set_failures(key, long_ago).await.expect("failures can be stored");
        unit.commit().await;
    }
    for number in 0..3 {
        sign_in(&db, &ann, &number.to_string(), NOW - TimeDelta::days(number + 1)).await;
    }
    assert_eq!(
        by_twos(&db, |db, limit| async move { clean_up_logins(&db, NOW, NOW, limit).await }).await,
        [0, 4, 3, 1, 0]
    );
}

async fn keep(db: &Db, expires_at: DateTime<Utc>) -> Digest {
    let (user, token) = (db.add(user()).await, new_digest());
    let mut unit = db.begin().await;
    let purpose = OneTimePurpose::ResetPassword;
    unit.one_time_tokens().replace(purpose, user.uuid(), token, expires_at).await.expect("a token can be kept");
    unit.commit().await;
    token
}

async fn one_time_tokens_that_have_expired_are_deleted_and_no_others(db: Db) {
    let long_ago = NOW - TimeDelta::days(1);
    let (expired, good) = (keep(&db, NOW).await, keep(&db, NOW + micros(1)).await);
    assert_eq!(clean_up_one_time_tokens(&db, NOW, MANY).await, 1);
    let mut unit = db.begin().await;
    for (token, is_kept) in [(expired, false), (good, true)] {
        let taken = unit.one_time_tokens().take(OneTimePurpose::ResetPassword, token, long_ago).await;
        assert_eq!(taken.expect("a token can be taken").is_some(), is_kept);
    }
}

async fn at_most_so_many_one_time_tokens_are_deleted_at_once(db: Db) {
    for number in 0..5 {
        keep(&db, NOW - TimeDelta::days(number)).await;
    }
    assert_eq!(
        by_twos(&db, |db, limit| async move { clean_up_one_time_tokens(&db, NOW, limit).await }).await,
        [0, 2, 2, 1, 0]
    );
}
