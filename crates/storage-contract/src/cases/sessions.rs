//! Sessions: what is stored of them, and which are live.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use domain::session::{Session, SessionRecord, SignIn};
use domain::values::SessionId;
use testkit::user;

use crate::case::cases;
use crate::db::Db;
use crate::sign_in::{LIFETIME, NOW, digest, micros, revoked, session, session_at, sign_in};
use crate::unit::new_uuid;

cases![
    a_session_reads_back_with_every_value,
    what_was_never_opened_is_not_found,
    a_session_is_found_live_or_not,
    a_session_is_there_at_the_commit_and_not_before,
    a_unit_finds_the_sessions_that_it_opened,
    updating_replaces_when_a_session_was_used_ends_and_was_revoked,
    many_sessions_are_updated_at_once,
    updating_leaves_the_rest_of_a_session_alone,
    live_sessions_are_loaded_the_oldest_first,
    live_sessions_are_read_the_newest_first,
    a_session_lives_until_its_very_end,
    revoked_sessions_are_not_live,
    sessions_of_others_are_left_out,
];

async fn a_session_reads_back_with_every_value(db: Db) {
    let ann = db.add(user()).await;
    let addresses = ["203.0.113.7", "::1", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "::ffff:203.0.113.7", "fe80::1"];
    let addresses = addresses.map(|ip| Some(ip.parse::<IpAddr>().expect("the case writes addresses")));
    let agents = [
        String::new(),
        "Mozilla/5.0 (it's \"quoted\"; \\ 100 % _ $1 ?) ".to_owned(),
        "\u{202e}\t日本語 e\u{301}".to_owned(),
        "🦀".repeat(2_048),
        "x".repeat(8_192),
    ];
    let moments = ["1999-12-31T23:59:59.999999Z", "2038-01-19T03:14:08.000001Z", "2026-03-29T02:30:00.1234Z"];
    let moments = moments.map(|at| at.parse::<DateTime<Utc>>().expect("the case writes RFC 3339"));

    let with_everything = addresses.into_iter().zip(agents.map(Some));
    let with_less = [(None, None), (addresses[0], None), (None, Some("curl/8".to_owned()))];
    for (number, (ip, user_agent)) in with_everything.chain(with_less).enumerate() {
        let at = moments[number % moments.len()];
        let mut opened = Session::open(SignIn { ip, user_agent, ..sign_in(&ann) }, LIFETIME, at).0;
        opened.refresh(LIFETIME, at + micros(1));
        db.open(&[&opened]).await;
        assert_eq!(db.session(opened.id()).await.as_ref(), Some(&opened));
        assert_eq!(db.live(&ann, at).await.iter().find(|session| session.id() == opened.id()), Some(&opened));
        assert_eq!(db.listed(&ann, at).await.iter().find(|session| session.id() == opened.id()), Some(&opened));
        let revoked = revoked(opened, at + micros(2));
        let mut unit = db.begin().await;
        unit.sessions().update(std::slice::from_ref(&revoked)).await.expect("a session can be replaced");
        unit.commit().await;
        assert_eq!(db.session(revoked.id()).await, Some(revoked));
    }
}

async fn what_was_never_opened_is_not_found(db: Db) {
    let ann = db.add(user()).await;
    db.open(&[&session(&ann)]).await;
    let never = SessionId::new(new_uuid());
    assert_eq!(db.session(never).await, None);
    assert_eq!(db.sessions().find_access(never).await.expect("a session can be read"), None);
    assert_eq!(db.token(digest("never given out")).await, None);
    let of_no_token = db.sessions().find_token_session(digest("never given out")).await;
    assert_eq!(of_no_token.expect("a token can be read"), None);
    let bob = db.add(user()).await;
    assert_eq!((db.live(&bob, NOW).await, db.listed(&bob, NOW).await), (vec![], vec![]));
}

async fn a_session_is_found_live_or_not(db: Db) {
    let ann = db.add(user()).await;
    let ended = session_at(&ann, NOW - LIFETIME.absolute);
    let revoked = revoked(session(&ann), NOW);
    db.open(&[&ended, &revoked]).await;
    assert_eq!(db.live(&ann, NOW).await, []);
    assert_eq!(db.session(ended.id()).await, Some(ended));
    assert_eq!(db.session(revoked.id()).await, Some(revoked));
}

async fn a_session_is_there_at_the_commit_and_not_before(db: Db) {
    let ann = db.add(user()).await;
    let (kept, dropped) = (session(&ann), session(&ann));
    let mut unit = db.begin().await;
    unit.sessions().insert(&kept).await.expect("a session can be stored");
    assert_eq!(db.listed(&ann, NOW).await, []);
    assert_eq!(db.sessions().find_access(kept.id()).await.expect("a session can be read"), None);
    unit.commit().await;
    let mut unit = db.begin().await;
    unit.sessions().insert(&dropped).await.expect("a session can be stored");
    drop(unit);
    assert_eq!(db.listed(&ann, NOW).await, [kept]);
}

async fn a_unit_finds_the_sessions_that_it_opened(db: Db) {
    let ann = db.add(user()).await;
    let opened = session(&ann);
    let mut unit = db.begin().await;
    unit.sessions().insert(&opened).await.expect("a session can be stored");
    assert_eq!(unit.sessions().find(opened.id()).await.expect("a session can be loaded"), Some(opened.clone()));
    let live = unit.sessions().find_live(ann.uuid(), NOW).await.expect("sessions can be loaded");
    assert_eq!(live, std::slice::from_ref(&opened));
    let revoked = revoked(opened, NOW);
    unit.sessions().update(&[revoked]).await.expect("a session can be replaced");
    assert_eq!(unit.sessions().find_live(ann.uuid(), NOW).await.expect("sessions can be loaded"), []);
}

async fn updating_replaces_when_a_session_was_used_ends_and_was_revoked(db: Db) {
    let ann = db.add(user()).await;
    let mut opened = session(&ann);
    db.open(&[&opened]).await;
    let later = NOW + TimeDelta::days(3) + micros(1);
    for step in ["refreshed", "revoked"] {
        let mut unit = db.begin().await;
        opened = unit.sessions().find(opened.id()).await.expect("a session can be loaded").expect("it is stored");
        match step {
            "refreshed" => opened.refresh(LIFETIME, later),
            _ => opened = revoked(opened, later + micros(1)),
        }
        unit.sessions().update(std::slice::from_ref(&opened)).await.expect("a session can be replaced");
        unit.commit().await;
        assert_eq!(db.session(opened.id()).await.as_ref(), Some(&opened), "{step}");
    }
    let record = opened.record();
    assert_eq!((record.last_used_at, record.revoked_at), (later, Some(later + micros(1))));
}

async fn many_sessions_are_updated_at_once(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    let opened: Vec<_> = (0..60).map(|number| session_at(&ann, NOW + micros(number))).collect();
    let untouched = session(&bob);
    db.open(&opened.iter().chain([&untouched]).collect::<Vec<_>>()).await;
    let changed = (1..).zip(&opened).map(|(day, session)| {
        let mut session = session.clone();
        session.refresh(LIFETIME, NOW + TimeDelta::hours(day));
        if day % 2 == 0 { revoked(session, NOW + TimeDelta::hours(day)) } else { session }
    });
    let changed: Vec<_> = changed.collect();
    let mut unit = db.begin().await;
    unit.sessions().update(&[]).await.expect("no session can be replaced");
    unit.sessions().update(&changed).await.expect("sessions can be replaced");
    unit.commit().await;
    for session in changed.iter().chain([&untouched]) {
        assert_eq!(db.session(session.id()).await.as_ref(), Some(session));
    }
}

async fn updating_leaves_the_rest_of_a_session_alone(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    let sign_in =
        SignIn { ip: Some(IpAddr::from([203, 0, 113, 7])), user_agent: Some("curl/8".into()), ..sign_in(&ann) };
    let opened = Session::open(sign_in, LIFETIME, NOW).0;
    db.open(&[&opened]).await;
    let elsewhere = SessionRecord {
        user: bob.uuid(),
        created_at: NOW - TimeDelta::days(1),
        ip: None,
        user_agent: Some("another".into()),
        ..opened.record().clone()
    };
    let unknown = session(&ann);
    let mut unit = db.begin().await;
    let update = [Session::from_stored(elsewhere), unknown.clone()];
    unit.sessions().update(&update).await.expect("sessions can be replaced");
    unit.commit().await;
    assert_eq!(db.session(opened.id()).await, Some(opened));
    assert_eq!(db.session(unknown.id()).await, None, "it was never opened");
}

/// Sessions of one user, the oldest first, stored in another order.
async fn three_sessions(db: &Db) -> (domain::user::User, Vec<Session>) {
    let ann = db.add(user()).await;
    let sessions: Vec<_> = [0, 1, 2].map(|number| session_at(&ann, NOW + micros(number))).into();
    db.open(&[&sessions[1], &sessions[2], &sessions[0]]).await;
    (ann, sessions)
}

async fn live_sessions_are_loaded_the_oldest_first(db: Db) {
    let (ann, sessions) = three_sessions(&db).await;
    assert_eq!(db.live(&ann, NOW).await, sessions);
}

async fn live_sessions_are_read_the_newest_first(db: Db) {
    let (ann, mut sessions) = three_sessions(&db).await;
    sessions.reverse();
    assert_eq!(db.listed(&ann, NOW).await, sessions);
}

async fn a_session_lives_until_its_very_end(db: Db) {
    let ann = db.add(user()).await;
    let idle = session(&ann);
    let mut busy = session(&ann);
    busy.refresh(LIFETIME, NOW + TimeDelta::days(6));
    db.open(&[&idle, &busy]).await;
    let end = NOW + LIFETIME.idle;
    for (now, live) in
        [(end - micros(1), 2), (end, 1), (end + TimeDelta::days(6) - micros(1), 1), (end + TimeDelta::days(6), 0)]
    {
        assert_eq!((db.live(&ann, now).await.len(), db.listed(&ann, now).await.len()), (live, live), "at {now}");
    }
}

async fn revoked_sessions_are_not_live(db: Db) {
    let ann = db.add(user()).await;
    let (live, revoked) = (session(&ann), revoked(session(&ann), NOW));
    db.open(&[&live, &revoked]).await;
    assert_eq!(db.live(&ann, NOW).await, std::slice::from_ref(&live));
    assert_eq!(db.listed(&ann, NOW).await, [live]);
}

async fn sessions_of_others_are_left_out(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    let (of_ann, of_bob) = (session(&ann), session(&bob));
    db.open(&[&of_ann, &of_bob]).await;
    assert_eq!((db.live(&ann, NOW).await, db.listed(&bob, NOW).await), (vec![of_ann], vec![of_bob]));
}
