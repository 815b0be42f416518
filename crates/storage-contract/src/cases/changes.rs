//! What changed, for those who keep copies of users and sessions.

use std::collections::HashSet;
use std::time::Duration;

use domain::audit::{AccessChange, Effect, Event, SealedEvent, Target};
use domain::ports::{LoggedChange, SaveUserError};
use domain::session::{RevocationReason, Session};
use domain::user::UserAction;
use domain::values::SessionId;
use testkit::user;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::case::cases;
use crate::db::{Db, settle, together};
use crate::sign_in::{NOW, session, sign_in};
use crate::trail::{event, events};
use crate::unit::new_uuid;

cases![
    before_the_first_change_there_is_none,
    a_change_is_there_once_after_the_commit_and_not_before,
    changes_of_dropped_units_never_happened,
    changes_tell_of_users_and_of_sessions,
    changes_tell_who_is_new_and_whether_totals_change,
    changes_that_are_about_nobody_are_there_too,
    numbers_grow_as_changes_are_written,
    the_newest_number_is_that_of_the_last_change,
    changes_are_read_page_by_page_without_a_loss,
    a_change_that_is_committed_late_is_found_by_looking_again,
    changes_of_many_units_at_once_are_all_there,
];

const ALL: u32 = 10_000;

impl Db {
    async fn changes_after(&self, number: i64, limit: u32) -> Vec<LoggedChange> {
        self.changes().after(number, limit).await.expect("changes can be read")
    }

    async fn newest(&self) -> i64 {
        self.changes().newest().await.expect("changes can be read")
    }
}

/// An event like any other, save for what happened.
fn of(happened: impl Into<Event>) -> SealedEvent {
    let Event { action, target, subject, .. } = happened.into();
    SealedEvent {
        action: action.into(),
        target_type: target.kind().into(),
        target_id: target.id(),
        subject,
        ..event(UserAction::Updated)
    }
}

fn told_by(events: &[SealedEvent]) -> Vec<AccessChange> {
    let session = |event: &SealedEvent| (event.target_type == "session").then(|| SessionId::new(event.target_id));
    let change = |event: &SealedEvent| AccessChange {
        user: event.subject,
        session: session(event),
        effect: match &*event.action {
            "user.created" | "user.imported" => Effect::Creation,
            "user.updated" | "user.password_changed" => Effect::Detail,
            action if action.starts_with("session.") => Effect::Detail,
            _ => Effect::Standing,
        },
    };
    events.iter().map(change).collect()
}

fn what(changes: &[LoggedChange]) -> Vec<AccessChange> {
    changes.iter().map(|logged| logged.change).collect()
}

async fn before_the_first_change_there_is_none(db: Db) {
    assert_eq!((db.newest().await, db.changes_after(0, ALL).await), (0, vec![]));
    db.add(user()).await;
    assert_eq!(db.changes_after(0, ALL).await, [], "nothing was written down");
}

async fn a_change_is_there_once_after_the_commit_and_not_before(db: Db) {
    let written = events(3);
    let mut unit = db.begin().await;
    unit.append(&written).await;
    assert_eq!(db.changes_after(0, ALL).await, []);
    unit.commit().await;
    assert_eq!(what(&db.changes_after(0, ALL).await), told_by(&written));
}

async fn changes_of_dropped_units_never_happened(db: Db) {
    let mut unit = db.begin().await;
    unit.append(&events(3)).await;
    drop(unit);
    let written = events(1);
    db.write_down(&written).await;
    assert_eq!(what(&db.changes_after(0, ALL).await), told_by(&written));
}

async fn changes_tell_of_users_and_of_sessions(db: Db) {
    let ann = db.add(user()).await;
    let (mut opened, created) = Session::open(sign_in(&ann), crate::sign_in::LIFETIME, NOW);
    let revoked = opened.revoke(RevocationReason::Logout, NOW).expect("the session is live");
    let of_user = event(UserAction::PasswordChanged);
    db.write_down(&[of(created), of_user.clone(), of(revoked)]).await;
    let of_session = AccessChange { user: Some(ann.uuid()), session: Some(opened.id()), effect: Effect::Detail };
    let of_user = AccessChange { user: of_user.subject, session: None, effect: Effect::Detail };
    assert_eq!(what(&db.changes_after(0, ALL).await), [of_session, of_user, of_session]);
}

async fn changes_tell_who_is_new_and_whether_totals_change(db: Db) {
    let actions = [UserAction::Updated, UserAction::Created, UserAction::Restored, UserAction::Imported];
    db.write_down(&actions.map(event)).await;
    let effects: Vec<_> = db.changes_after(0, ALL).await.iter().map(|logged| logged.change.effect).collect();
    assert_eq!(effects, [Effect::Detail, Effect::Creation, Effect::Standing, Effect::Creation]);
}

async fn changes_that_are_about_nobody_are_there_too(db: Db) {
    let ann = db.add(user()).await;
    let name = Target::Name(new_uuid());
    let failed = |target, subject| of(Event { action: "session.failed", target, subject, changes: Vec::new() });
    let written = [
        failed(name, None),
        failed(Target::User(ann.uuid()), Some(ann.uuid())),
        failed(Target::Session(session(&ann).id()), None),
        failed(name, None),
    ];
    db.write_down(&written).await;
    let changes = db.changes_after(0, ALL).await;
    assert_eq!(what(&changes), told_by(&written));
    assert_eq!(changes.iter().filter(|logged| logged.change.user.is_none()).count(), 3);
}

/// The numbers, which must be greater than zero and grow.
fn growing(changes: &[LoggedChange]) -> Vec<i64> {
    let numbers: Vec<_> = changes.iter().map(|logged| logged.number).collect();
    assert!(numbers.iter().all(|number| *number > 0) && numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
    numbers
}

async fn numbers_grow_as_changes_are_written(db: Db) {
    let mut written = Vec::new();
    for number in [1, 7, 120, 1] {
        let events = events(number);
        db.write_down(&events).await;
        written.extend(events);
    }
    let mut unit = db.begin().await;
    for event in events(5) {
        unit.append(std::slice::from_ref(&event)).await;
        written.push(event);
    }
    unit.commit().await;
    let changes = db.changes_after(0, ALL).await;
    assert_eq!(what(&changes), told_by(&written));
    growing(&changes);
}

async fn the_newest_number_is_that_of_the_last_change(db: Db) {
    for number in [1, 5, 1] {
        let before = db.newest().await;
        db.write_down(&events(number)).await;
        let added = db.changes_after(before, ALL).await;
        assert_eq!(added.len(), number);
        assert_eq!(added.last().map(|logged| logged.number), Some(db.newest().await));
    }
    assert_eq!(db.changes_after(db.newest().await, ALL).await, []);
    assert_eq!(db.changes_after(i64::MAX, ALL).await, []);
}

async fn changes_are_read_page_by_page_without_a_loss(db: Db) {
    for number in [10, 1, 12] {
        db.write_down(&events(number)).await;
    }
    let all = db.changes_after(0, ALL).await;
    let numbers = growing(&all);
    for limit in [1, 5, 23, 24] {
        let (mut walked, mut last) = (Vec::new(), 0);
        loop {
            let page = db.changes_after(last, limit).await;
            let left = numbers.len() - walked.len();
            assert_eq!(page.len(), left.min(limit as usize), "of {left} with a limit of {limit}");
            let Some(logged) = page.last() else { break };
            last = logged.number;
            walked.extend(page);
        }
        assert_eq!(walked, all);
    }
    assert_eq!(db.changes_after(0, 0).await, []);
}

async fn a_change_that_is_committed_late_is_found_by_looking_again(db: Db) {
    db.write_down(&events(2)).await;
    let seen = db.newest().await;
    let (early, late) = (events(1), events(1));
    let mut slow = db.begin().await;
    slow.append(&late).await;

    let (mut others, other, written) = (JoinSet::new(), db.clone(), early.clone());
    others.spawn(async move { other.write_down(&written).await });
    // Where units follow one another, the other one waits for the first.
    let is_overtaken = timeout(Duration::from_millis(500), others.join_next()).await.is_ok();
    if is_overtaken {
        assert_eq!(what(&db.changes_after(seen, ALL).await), told_by(&early));
    }
    slow.commit().await;
    while let Some(other) = others.join_next().await {
        other.expect("the other unit commits");
    }
    let changes = db.changes_after(seen, ALL).await;
    growing(&changes);
    let found: HashSet<_> = what(&changes).into_iter().collect();
    assert_eq!(found, told_by(&[early, late].concat()).into_iter().collect(), "overtaken: {is_overtaken}");
    assert_eq!(changes.len(), 2);
}

async fn changes_of_many_units_at_once_are_all_there(db: Db) {
    async fn write(db: Db, written: Vec<SealedEvent>) -> Result<(), SaveUserError> {
        let mut unit = db.try_begin().await?;
        unit.audit().append(&written).await?;
        unit.try_commit().await?;
        Ok(())
    }
    let written: Vec<_> = (0..6).map(|_| events(3)).collect();
    let tasks = written.iter().map(|written| {
        let (db, written) = (db.clone(), written.clone());
        async move { settle(|| write(db.clone(), written.clone())).await }
    });
    for ended in together(tasks.collect()).await {
        ended.expect("trying again helps");
    }
    let changes = db.changes_after(0, ALL).await;
    growing(&changes);
    let found: HashSet<_> = what(&changes).into_iter().collect();
    assert_eq!(found, told_by(&written.concat()).into_iter().collect());
    assert_eq!(changes.len(), 18);
}
