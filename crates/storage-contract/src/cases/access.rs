//! What a request with an access token needs to know: the session and its user, as they are now.

use chrono::{DateTime, TimeDelta, Utc};
use domain::session::{Session, SessionAccess};
use domain::user::{DeletedNames, User, UserPatch};
use domain::values::{Role, Username};
use testkit::{FakeHasher, FixedClock, user};

use crate::case::cases;
use crate::db::Db;
use crate::sign_in::{LIFETIME, NOW, micros, revoked, session, session_at};

cases![
    a_session_is_known_with_its_user,
    a_session_is_known_with_its_user_as_they_are_now,
    a_session_of_an_inactive_user_may_not_be_used,
    a_session_of_a_deleted_user_may_not_be_used,
    a_revoked_session_may_not_be_used,
    when_a_session_ends_is_known_before_and_after,
    sessions_of_one_user_are_known_apart,
];

async fn access(db: &Db, session: &Session) -> SessionAccess {
    let access = db.sessions().find_access(session.id()).await.expect("a session can be read");
    access.expect("the session is stored")
}

/// What must be known of the session.
fn expected(session: &Session, user: &User, usable_until: Option<DateTime<Utc>>) -> SessionAccess {
    let record = user.record();
    SessionAccess {
        session: session.id(),
        user: user.uuid(),
        user_id: user.id(),
        username: record.username.as_str().to_owned(),
        role: record.role,
        auth_epoch: record.auth_epoch,
        must_change_password: record.must_change_password,
        usable_until,
    }
}

/// A user with a session.
async fn signed_in(db: &Db, user: testkit::UserBuilder) -> (User, Session, DateTime<Utc>) {
    let user = db.add(user).await;
    let session = session(&user);
    db.open(&[&session]).await;
    let end = session.record().expires_at;
    (user, session, end)
}

async fn update(db: &Db, session: &Session) {
    let mut unit = db.begin().await;
    unit.sessions().update(std::slice::from_ref(session)).await.expect("a session can be replaced");
    unit.commit().await;
}

async fn a_session_is_known_with_its_user(db: Db) {
    for role in Role::ALL {
        let name = format!("🦀 {role} ");
        let (ann, session, end) = signed_in(&db, user().username(&name).role(role)).await;
        assert_eq!(access(&db, &session).await, expected(&session, &ann, Some(end)));
    }
}

async fn a_session_is_known_with_its_user_as_they_are_now(db: Db) {
    let (mut ann, session, end) = signed_in(&db, user().admin()).await;
    assert_eq!(access(&db, &session).await, expected(&session, &ann, Some(end)));
    let patches = [
        UserPatch { role: Some(Role::Moderator), ..Default::default() },
        UserPatch { password_hash: Some(FakeHasher::hash_of("another")), ..Default::default() },
        UserPatch { must_change_password: Some(true), ..Default::default() },
        UserPatch { username: Some(Username::from_stored("renamed".to_owned())), ..Default::default() },
        UserPatch { is_active: Some(false), ..Default::default() },
    ];
    for patch in patches {
        let before = access(&db, &session).await;
        ann = db.change(&ann, |user| user.update(patch, None, NOW)).await;
        let after = access(&db, &session).await;
        assert_eq!(after, expected(&session, &ann, ann.is_active().then_some(end)));
        assert_ne!(after, before);
    }
}

async fn a_session_of_an_inactive_user_may_not_be_used(db: Db) {
    let (ann, session, end) = signed_in(&db, user()).await;
    let ann = db.change(&ann, |user| user.deactivate(None, Some(NOW + TimeDelta::days(1)), NOW)).await;
    assert_eq!(access(&db, &session).await, expected(&session, &ann, None));
    let ann = db.change(&ann, |user| user.activate(NOW)).await;
    assert_eq!(access(&db, &session).await, expected(&session, &ann, Some(end)), "nobody revoked it");
}

async fn a_session_of_a_deleted_user_may_not_be_used(db: Db) {
    for names in [DeletedNames::Freed, DeletedNames::Reserved] {
        let (ann, session, _) = signed_in(&db, user()).await;
        let ann = db.change(&ann, |user| user.delete(names, FixedClock::START)).await;
        assert_eq!(access(&db, &session).await, expected(&session, &ann, None), "{names:?}");
    }
}

async fn a_revoked_session_may_not_be_used(db: Db) {
    let (ann, session, _) = signed_in(&db, user()).await;
    update(&db, &revoked(session.clone(), NOW)).await;
    assert_eq!(access(&db, &session).await, expected(&session, &ann, None));
}

async fn when_a_session_ends_is_known_before_and_after(db: Db) {
    let ann = db.add(user()).await;
    for opened_at in ["2001-02-03T04:05:06.000007Z", "2026-03-29T02:30:00Z", "9998-12-31T23:59:59.999999Z"] {
        let opened_at = opened_at.parse::<DateTime<Utc>>().expect("the case writes RFC 3339");
        let mut session = session_at(&ann, opened_at);
        db.open(&[&session]).await;
        assert_eq!(access(&db, &session).await, expected(&session, &ann, Some(opened_at + LIFETIME.idle)));
        session.refresh(LIFETIME, opened_at + micros(1));
        update(&db, &session).await;
        let later = opened_at + LIFETIME.idle + micros(1);
        assert_eq!(access(&db, &session).await, expected(&session, &ann, Some(later)), "it was refreshed");
    }
}

async fn sessions_of_one_user_are_known_apart(db: Db) {
    let (ann, one, end) = signed_in(&db, user()).await;
    let other = session_at(&ann, NOW + micros(1));
    db.open(&[&other]).await;
    update(&db, &revoked(other.clone(), NOW + micros(1))).await;
    assert_eq!(access(&db, &one).await, expected(&one, &ann, Some(end)));
    assert_eq!(access(&db, &other).await, expected(&other, &ann, None));
}
