//! Erasing a person: nothing stays but a tombstone and what nobody can open.

use chrono::{DateTime, Utc};
use domain::audit::{EventFilter, ListEvents};
use domain::login::LoginName;
use domain::ports::{OneTimePurpose, SaveUserError, UserNames};
use domain::query::{DeletedScope, ListUsers, Search, UserFilter};
use domain::session::Session;
use domain::user::{User, UserAction};
use domain::values::{UserRef, UserUuid};
use testkit::user;

use super::repeated_requests::{outcome, reservation};
use super::subject_keys::new_key;
use crate::case::cases;
use crate::db::Db;
use crate::sign_in::{NOW, digest, micros, new_digest, session, token};
use crate::trail::event_about;
use crate::unit::{assert_refused, new_uuid};

cases![
    after_erasure_nobody_finds_the_person,
    after_erasure_their_sessions_are_gone,
    after_erasure_their_sign_ins_and_tokens_are_gone,
    after_erasure_their_key_is_gone,
    after_erasure_what_was_kept_of_their_requests_is_gone,
    after_erasure_their_events_stay,
    the_living_and_the_deleted_can_be_erased,
    an_erasure_that_is_dropped_erases_nobody,
    who_was_changed_meanwhile_is_not_erased,
    nobody_is_erased_twice,
    names_of_the_erased_are_free,
    a_number_of_the_erased_never_comes_again,
    a_uuid_of_the_erased_never_comes_again,
    the_uuids_of_the_erased_are_known,
    the_erased_are_not_counted,
    who_was_deleted_before_a_moment_is_named_in_order,
];

impl Db {
    /// Erases, and commits.
    pub(super) async fn erase(&self, user: &User) {
        self.try_erase(user).await.expect("nobody changed the user meanwhile");
    }

    pub(super) async fn try_erase(&self, user: &User) -> Result<(), SaveUserError> {
        let mut unit = self.try_begin().await?;
        unit.erasure().erase(user, NOW).await?;
        Ok(unit.try_commit().await?)
    }

    pub(super) async fn find_erased(&self, uuids: &[UserUuid]) -> Vec<UserUuid> {
        let mut found = self.begin().await.users().find_erased(uuids).await.expect("tombstones can be found");
        found.sort();
        found
    }
}

fn names_of(user: &User) -> UserNames {
    let record = user.record();
    UserNames {
        username_key: record.username.key(),
        email_key: record.email.key(),
        external_id: record.external_id.as_ref().map(|id| id.as_str().to_owned()),
        uuid: Some(record.uuid),
    }
}

/// Whether anybody can find the user, by whatever they are known.
pub(super) async fn is_found(db: &Db, user: &User) -> bool {
    let names = names_of(user);
    let mut found = Vec::new();
    for by in [UserRef::Id(user.id()), UserRef::Uuid(user.uuid())] {
        found.push(db.view(by).await.is_some());
        found.push(db.load(by).await.is_some());
        found.push(db.begin().await.find(by).await.is_some());
    }
    for name in [LoginName::Username(names.username_key.clone()), LoginName::Email(names.email_key.clone())] {
        found.push(db.sessions().find_login(&name).await.expect("users can be found").is_some());
    }
    for filter in [
        UserFilter { username: Some(names.username_key.clone()), ..Default::default() },
        UserFilter { email: Some(names.email_key.clone()), ..Default::default() },
        UserFilter { external_id: names.external_id.clone(), ..Default::default() },
        UserFilter { search: Some(Search::Beginning(names.username_key.clone())), ..Default::default() },
    ] {
        let filter = UserFilter { deleted: DeletedScope::All, ..filter };
        let page = db.list(&ListUsers { filter, limit: 1_000, ..Default::default() }).await;
        found.push(page.users.iter().any(|listed| listed.id == user.id()));
    }
    found.push(db.everybody().await.iter().any(|listed| listed.id == user.id()));
    found.push(db.export(0, 1_000).await.iter().any(|exported| exported.id == user.id()));
    found.push(!db.in_the_way(&[names]).await.is_empty());
    let ended = db.queries().suspensions_ended(DateTime::<Utc>::MAX_UTC, 100).await.expect("users can be found");
    found.push(ended.contains(&user.uuid()));
    found.into_iter().any(|is_found| is_found)
}

async fn after_erasure_nobody_finds_the_person(db: Db) {
    let full = || user().external_id("HR-1").full_name("Ann A").username("ann").email("ann@example.org");
    let ann = db.add(full()).await;
    let until = Some(NOW + micros(1));
    let ann = db.change(&ann, |ann| ann.deactivate(None, until, NOW)).await;
    let bob = db.add(user().external_id("HR-2").username("anna")).await;
    let (before, views) = (db.everybody().await.len(), db.view(bob.id()).await);
    assert!(is_found(&db, &ann).await);
    db.erase(&ann).await;
    assert!(!is_found(&db, &ann).await);
    assert_eq!((db.everybody().await.len(), db.view(bob.id()).await), (before - 1, views), "nobody else is gone");
}

/// Two users, each with a session and its token.
async fn two_with_sessions(db: &Db) -> [(User, Session); 2] {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    [(ann.clone(), session(&ann)), (bob.clone(), session(&bob))]
}

async fn after_erasure_their_sessions_are_gone(db: Db) {
    let [(ann, of_ann), (bob, of_bob)] = two_with_sessions(&db).await;
    db.open(&[&of_ann, &of_bob]).await;
    let (first, second) = (token(&of_ann), token(&of_bob));
    db.give_out(&[&first, &second]).await;
    db.erase(&ann).await;
    for (user, session, token, is_there) in [(&ann, &of_ann, &first, false), (&bob, &of_bob, &second, true)] {
        let access = db.sessions().find_access(session.id()).await.expect("a session can be read");
        let whose = db.sessions().find_token_session(token.digest).await.expect("a token can be read");
        let there = [
            db.session(session.id()).await.is_some(),
            !db.live(user, NOW).await.is_empty(),
            !db.listed(user, NOW).await.is_empty(),
            db.token(token.digest).await.is_some(),
            access.is_some(),
            whose.is_some(),
        ];
        assert_eq!(there, [is_there; 6]);
    }
}

async fn after_erasure_their_sign_ins_and_tokens_are_gone(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    let tokens = [new_digest(), new_digest()];
    for (user, token) in [&ann, &bob].into_iter().zip(tokens) {
        db.sign_in(user, NOW).await;
        let mut unit = db.begin().await;
        let replaced =
            unit.one_time_tokens().replace(OneTimePurpose::ResetPassword, user.uuid(), token, NOW + micros(1));
        replaced.await.expect("a token can be kept");
        unit.commit().await;
    }
    db.erase(&ann).await;
    for (user, token, is_there) in [(&ann, tokens[0], false), (&bob, tokens[1], true)] {
        let standing = db.sessions().login_standing(digest("a name"), digest("home"), Some(user.uuid())).await;
        assert_eq!(standing.expect("networks can be read").is_known_network, is_there);
        let mut unit = db.begin().await;
        let taken = unit.one_time_tokens().take(OneTimePurpose::ResetPassword, token, NOW).await;
        assert_eq!(taken.expect("a token can be taken").is_some(), is_there);
    }
    let last_login_at = db.view(bob.id()).await.and_then(|bob| bob.last_login_at);
    assert_eq!(last_login_at, Some(NOW), "nobody else's is gone");
}

async fn after_erasure_their_key_is_gone(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    let keys = [(ann.uuid(), new_key("a")), (bob.uuid(), new_key("a"))];
    db.keep_keys(&keys).await;
    db.erase(&ann).await;
    assert_eq!(db.keys(&[ann.uuid(), bob.uuid()]).await, keys[1..]);
    let mut unit = db.begin().await;
    let kept = unit.subject_keys().find_wrapped_otherwise("b", None, 10).await.expect("keys can be found");
    assert_eq!(kept, keys[1..]);
}

async fn after_erasure_what_was_kept_of_their_requests_is_gone(db: Db) {
    let (ann, bob) = (db.add(user()).await, db.add(user()).await);
    let reserved = reservation();
    db.reserve(&reserved).await;
    let kept = [
        outcome(0, Some(ann.uuid()), "of ann"),
        outcome(1, Some(bob.uuid()), "of bob"),
        outcome(2, None, "of nobody"),
        outcome(3, Some(ann.uuid()), "of ann"),
    ];
    for outcome in &kept {
        assert!(db.keep(reserved.key, reserved.ticket, outcome).await);
    }
    db.erase(&ann).await;
    assert_eq!(db.outcomes(reserved.key).await, kept[1..3]);
    assert_eq!(db.reservation(reserved.key).await, Some(reserved), "that there was a request is nothing personal");
}

async fn after_erasure_their_events_stay(db: Db) {
    let ann = db.add(user()).await;
    let written = [UserAction::Created, UserAction::Updated].map(|action| event_about(ann.uuid(), action));
    db.write_down(&written).await;
    db.erase(&ann).await;
    let history = db.trail().history(ann.uuid(), None, 0, 10).await.expect("a history can be read");
    assert_eq!(history.into_iter().map(|(_, event)| event).collect::<Vec<_>>(), written);
    let filter = EventFilter { subject: Some(ann.uuid()), ..Default::default() };
    assert_eq!(db.list_events(&ListEvents { filter, before: None, limit: 10 }).await.len(), 2);
    assert_eq!(db.chain().unsequenced(0, None, 10).await.expect("events can be read").len(), 2);
}

async fn the_living_and_the_deleted_can_be_erased(db: Db) {
    let (living, deleted) = (db.add(user()).await, db.add(user()).await);
    let deleted = db.delete(&deleted).await;
    for user in [&living, &deleted] {
        db.erase(user).await;
        assert!(!is_found(&db, user).await);
    }
    assert!(db.begin().await.users().is_empty_exclusively().await.expect("a unit can ask"), "everybody was erased");
    // A change and the erasure in one unit, as where the last event tells of both.
    let mut unit = db.begin().await;
    let ann = unit.add(user()).await;
    let ann = unit.change(&ann, |ann| ann.deactivate(None, None, NOW)).await;
    unit.erasure().erase(&ann, NOW).await.expect("nobody changed the user meanwhile");
    assert_eq!(unit.load(ann.id()).await, None);
    unit.commit().await;
    assert!(!is_found(&db, &ann).await);
}

async fn an_erasure_that_is_dropped_erases_nobody(db: Db) {
    let ann = db.add(user()).await;
    let of_ann = session(&ann);
    db.open(&[&of_ann]).await;
    db.keep_keys(&[(ann.uuid(), new_key("a"))]).await;
    let mut unit = db.begin().await;
    unit.erasure().erase(&ann, NOW).await.expect("nobody changed the user meanwhile");
    assert!(db.view(ann.id()).await.is_some(), "others do not know yet");
    drop(unit);
    assert!(is_found(&db, &ann).await && db.session(of_ann.id()).await.is_some());
    assert_eq!((db.keys(&[ann.uuid()]).await.len(), db.find_erased(&[ann.uuid()]).await), (1, vec![]));
}

async fn who_was_changed_meanwhile_is_not_erased(db: Db) {
    let stale = db.add(user()).await;
    let ann = db.change(&stale, |ann| ann.deactivate(None, None, NOW)).await;
    let mut unit = db.begin().await;
    assert_refused!(unit.erasure().erase(&stale, NOW).await, StaleVersion);
    assert!(unit.try_commit().await.is_err(), "it met an error");
    assert!(is_found(&db, &ann).await);
    assert_eq!(db.find_erased(&[ann.uuid()]).await, []);
}

async fn nobody_is_erased_twice(db: Db) {
    let ann = db.add(user()).await;
    db.erase(&ann).await;
    assert_refused!(db.try_erase(&ann).await, StaleVersion);
    assert_eq!(db.find_erased(&[ann.uuid()]).await, [ann.uuid()]);
}

async fn names_of_the_erased_are_free(db: Db) {
    let named = || user().username("ann").email("ann@example.org").external_id("HR-1");
    for _ in 0..3 {
        let ann = db.add(named()).await;
        db.erase(&ann).await;
    }
    db.insert_many(&[named().build()]).await.expect("the names are free");
}

async fn a_number_of_the_erased_never_comes_again(db: Db) {
    let mut last = 0;
    for turn in 0..4 {
        let ann = db.add(user()).await;
        assert!(ann.id().get() > last, "{} was given before", ann.id());
        last = ann.id().get();
        // Whoever was given the greatest number, and nobody is left.
        db.erase(&ann).await;
        if turn % 2 == 1 {
            db.insert_many(&[user().build()]).await.expect("nobody holds the names");
            let bob = db.everybody().await.pop().expect("somebody is stored");
            assert!(bob.id.get() > last, "{} was given before", bob.id);
            last = bob.id.get();
            db.erase(&db.load(bob.id).await.expect("somebody is stored")).await;
        }
    }
}

async fn a_uuid_of_the_erased_never_comes_again(db: Db) {
    let ann = db.add(user()).await;
    db.erase(&ann).await;
    assert_refused!(db.insert_many(&[user().build(), user().uuid(ann.uuid()).build()]).await, UuidTaken);
    assert_eq!(db.count().await, 0);
}

async fn the_uuids_of_the_erased_are_known(db: Db) {
    let [ann, bob, eve] = [db.add(user()).await, db.add(user()).await, db.add(user()).await];
    db.erase(&ann).await;
    db.erase(&eve).await;
    db.delete(&bob).await;
    let all = [eve.uuid(), bob.uuid(), ann.uuid(), UserUuid::new(new_uuid())];
    assert_eq!(db.find_erased(&all).await, [ann.uuid(), eve.uuid()]);
    assert_eq!(db.find_erased(&[bob.uuid()]).await, []);
    assert_eq!(db.find_erased(&[]).await, []);
    let many: Vec<_> = (0..1_000).map(|_| UserUuid::new(new_uuid())).chain([ann.uuid()]).collect();
    assert_eq!(db.find_erased(&many).await, [ann.uuid()]);
}

async fn the_erased_are_not_counted(db: Db) {
    let admin = db.add(user().admin()).await;
    let other = db.add(user().admin()).await;
    let deleted = db.add(user().moderator()).await;
    let deleted = db.delete(&deleted).await;
    let inactive = db.add(user().inactive()).await;
    assert_eq!(db.count().await, 4);
    let mut unit = db.begin().await;
    assert_eq!(unit.count_administrators().await, 2);
    unit.erasure().erase(&admin, NOW).await.expect("nobody changed the user meanwhile");
    assert_eq!(unit.count_administrators().await, 1, "its own change is counted");
    unit.commit().await;
    for (left, erased) in [(2, &deleted), (1, &inactive), (0, &other)] {
        db.erase(erased).await;
        assert_eq!(db.count().await, left);
        db.assert_counted().await;
    }
}

async fn who_was_deleted_before_a_moment_is_named_in_order(db: Db) {
    let deleted_at = async |moment| {
        let ann = db.add(user()).await;
        db.change(&ann, |ann| ann.delete(domain::user::DeletedNames::Freed, moment)).await
    };
    let second = deleted_at(NOW - micros(2)).await;
    let (then, third) = (deleted_at(NOW).await, deleted_at(NOW - micros(1)).await);
    let first = deleted_at(NOW - micros(3)).await;
    db.add(user().created_at(NOW - micros(9))).await;
    let restored = deleted_at(NOW - micros(5)).await;
    db.change(&restored, |user| user.restore(NOW)).await;
    let erased = deleted_at(NOW - micros(4)).await;
    db.erase(&erased).await;
    let named = async |moment, limit| {
        let mut unit = db.begin().await;
        unit.erasure().deleted_before(moment, limit).await.expect("the deleted can be named")
    };
    let in_order = [&first, &second, &third, &then].map(User::uuid);
    assert_eq!(named(NOW, 100).await, in_order[..3]);
    assert_eq!(named(NOW + micros(1), 100).await, in_order);
    assert_eq!(named(NOW, 2).await, in_order[..2]);
    assert_eq!(named(NOW, 0).await, []);
    assert_eq!(named(NOW - micros(3), 100).await, []);
}
