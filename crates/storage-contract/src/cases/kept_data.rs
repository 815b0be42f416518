//! What is kept about a person, for whoever asks for a copy of it.

use chrono::TimeDelta;
use domain::session::Session;
use domain::user::User;
use domain::values::{SessionId, UserUuid};
use testkit::user;

use crate::case::cases;
use crate::db::Db;
use crate::sign_in::{LIFETIME, NOW, digest, revoked, session, session_at};
use crate::unit::new_uuid;

cases![every_kept_session_is_there_live_or_not, kept_sessions_are_read_page_by_page, networks_of_a_person_are_counted,];

async fn kept(db: &Db, person: UserUuid, before: Option<SessionId>, limit: u32) -> Vec<Session> {
    db.begin().await.erasure().kept_sessions(person, before, limit).await.expect("sessions can be loaded")
}

/// Their sessions, the greatest id first.
async fn opened(db: &Db, user: &User) -> Vec<Session> {
    let over = session_at(user, NOW - LIFETIME.absolute - TimeDelta::days(1));
    let mut sessions = vec![session(user), over, revoked(session(user), NOW), session(user), session(user)];
    db.open(&sessions.iter().collect::<Vec<_>>()).await;
    sessions.sort_by_key(|session| std::cmp::Reverse(session.id()));
    sessions
}

async fn every_kept_session_is_there_live_or_not(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    let (of_ann, of_bob) = (opened(&db, &ann).await, opened(&db, &bob).await);
    assert_eq!(kept(&db, ann.uuid(), None, 100).await, of_ann);
    assert_eq!(kept(&db, bob.uuid(), None, 100).await, of_bob);
    assert_eq!(kept(&db, UserUuid::new(new_uuid()), None, 100).await, []);
    let ann = db.delete(&ann).await;
    assert_eq!(kept(&db, ann.uuid(), None, 100).await, of_ann, "it is kept until it is cleaned up");
}

async fn kept_sessions_are_read_page_by_page(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    let of_ann = opened(&db, &ann).await;
    opened(&db, &bob).await;
    for limit in [1, 2, 5, 6] {
        let (mut walked, mut last) = (Vec::new(), None);
        while walked.len() <= of_ann.len() {
            let page = kept(&db, ann.uuid(), last, limit).await;
            assert_eq!(page.len(), (of_ann.len() - walked.len()).min(limit as usize));
            let Some(session) = page.last() else { break };
            last = Some(session.id());
            walked.extend(page);
        }
        assert_eq!(walked, of_ann);
    }
    assert_eq!(kept(&db, ann.uuid(), None, 0).await, []);
}

async fn networks_of_a_person_are_counted(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    let count = async |person: &User| {
        db.begin().await.erasure().count_networks(person.uuid()).await.expect("networks can be counted")
    };
    assert_eq!(count(&ann).await, 0);
    for (user, network) in [(&ann, "home"), (&ann, "work"), (&bob, "home"), (&ann, "home")] {
        let mut unit = db.begin().await;
        unit.logins().signed_in(user.uuid(), digest(network), NOW).await.expect("a sign-in can be noted");
        unit.commit().await;
    }
    assert_eq!((count(&ann).await, count(&bob).await), (2, 1));
}
