//! The audit trail: written with the change, or not at all.

use std::net::IpAddr;

use domain::access::Actor;
use domain::audit::{AuditEvent, Origin};
use domain::user::{FieldChange, FieldValue, UserAction};
use domain::values::{Metadata, Role};
use testkit::{FixedClock, user};

use crate::case::cases;
use crate::db::Db;
use crate::unit::{assert_refused, event, stored};

cases![
    events_are_visible_at_the_commit,
    events_of_a_dropped_unit_never_happened,
    events_of_a_unit_that_met_an_error_never_happened,
    every_action_is_kept,
    any_number_of_events_can_be_written_at_once,
    events_with_everything_in_them_are_kept,
];

async fn events_are_visible_at_the_commit(db: Db) {
    let mut unit = db.begin().await;
    let mut written = vec![unit.record(UserAction::Created).await, unit.record(UserAction::Updated).await];
    assert_eq!(db.events().await, []);
    unit.commit().await;
    written.sort();
    assert_eq!(db.events().await, written);
}

async fn events_of_a_dropped_unit_never_happened(db: Db) {
    let mut unit = db.begin().await;
    unit.record(UserAction::Created).await;
    drop(unit);
    let mut unit = db.begin().await;
    let kept = unit.record(UserAction::Deleted).await;
    unit.commit().await;
    assert_eq!(db.events().await, [kept]);
}

async fn events_of_a_unit_that_met_an_error_never_happened(db: Db) {
    db.add(user().username("ann")).await;
    let mut unit = db.begin().await;
    unit.record(UserAction::Created).await;
    assert_refused!(unit.insert(user().username("ann")).await, UsernameTaken);
    assert!(unit.try_commit().await.is_err());
    assert_eq!(db.events().await, []);
}

async fn every_action_is_kept(db: Db) {
    let mut written = Vec::new();
    let mut unit = db.begin().await;
    for action in [
        UserAction::Created,
        UserAction::Updated,
        UserAction::PasswordChanged,
        UserAction::RoleChanged,
        UserAction::Deactivated,
        UserAction::Activated,
        UserAction::Deleted,
        UserAction::Restored,
    ] {
        written.push(unit.record(action).await);
    }
    unit.commit().await;
    written.sort();
    assert_eq!(db.events().await, written);
}

async fn any_number_of_events_can_be_written_at_once(db: Db) {
    let mut unit = db.begin().await;
    unit.append(&[]).await;
    let events: Vec<_> = (0..250).map(|_| event(UserAction::Updated)).collect();
    unit.append(&events).await;
    unit.commit().await;
    let mut written: Vec<_> = events.iter().map(stored).collect();
    written.sort();
    assert_eq!(db.events().await, written);
}

async fn events_with_everything_in_them_are_kept(db: Db) {
    let json = format!(r#"{{"a":"{}"}}"#, "x".repeat(Metadata::MAX_BYTES - 8));
    let texts = ["", "it's \"quoted\" \\ 100 % 🦀", "\u{202e}\n\t"].map(|text| FieldValue::Text(text.to_owned()));
    let values = [
        FieldValue::Null,
        FieldValue::Bool(true),
        FieldValue::Time(FixedClock::START),
        FieldValue::Json(json),
        FieldValue::Secret,
    ];
    let changes: Vec<_> = values
        .into_iter()
        .chain(texts)
        .map(|new| FieldChange { field: "user_metadata", old: new.clone(), new })
        .collect();
    let origin = |ip: &str| Origin {
        ip: Some(ip.parse::<IpAddr>().expect("the case writes addresses")),
        user_agent: Some("curl/8 🦀 it's".repeat(20)),
        request_id: Some("r".repeat(128)),
        session_id: Some(event(UserAction::Created).id),
    };
    let somebody = event(UserAction::Created).subject.expect("an event about a user");
    let user = Actor::User { uuid: somebody, username: "🦀".repeat(50), role: Role::Moderator };
    let events: Vec<_> = [
        (user, origin("203.0.113.7")),
        (Actor::System, origin("2001:db8::ffff:ffff:ffff:ffff")),
        (Actor::AnonymousAdministrator, Origin::default()),
    ]
    .into_iter()
    .map(|(actor, origin)| AuditEvent { actor, origin, changes: changes.clone(), ..event(UserAction::Updated) })
    .collect();

    let mut unit = db.begin().await;
    unit.append(&events).await;
    unit.commit().await;
    let mut written: Vec<_> = events.iter().map(stored).collect();
    written.sort();
    assert_eq!(db.events().await, written);
}
