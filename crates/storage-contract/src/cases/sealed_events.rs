//! What is kept of an event: every value, exactly.

use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::{KeyHolder, SealedEvent, SealedText};
use domain::user::UserAction;
use domain::values::{Digest, UserUuid};
use testkit::FixedClock;

use crate::case::cases;
use crate::db::Db;
use crate::trail::event;
use crate::unit::new_uuid;

cases![
    an_event_with_everything_reads_back,
    an_event_with_nothing_optional_reads_back,
    an_event_about_nobody_reads_back,
    long_sealed_values_read_back,
    times_of_events_read_back_to_the_microsecond,
    codes_of_events_read_back_byte_by_byte,
];

async fn assert_reads_back(db: &Db, mut written: Vec<SealedEvent>) {
    db.write_down(&written).await;
    written.sort_by_key(|event| event.id);
    assert_eq!(db.events().await, written);
}

/// Everything at its longest.
fn full() -> SealedEvent {
    SealedEvent {
        action: "a".repeat(64).into(),
        actor_type: "anonymous-admins".into(),
        actor_id: Some(UserUuid::new(new_uuid())),
        target_type: "t".repeat(16).into(),
        target_id: new_uuid(),
        fields: ["user_metadata", "app_metadata", "email"].join(",").repeat(20),
        origin: Some(SealedText::new(KeyHolder::Person, "b3JpZ2lu-_")),
        changes: Some(SealedText::new(KeyHolder::Service, "Y2hhbmdlcw")),
        request_id: Some("r".repeat(128)),
        session_id: Some(new_uuid()),
        ..event(UserAction::Updated)
    }
}

async fn an_event_with_everything_reads_back(db: Db) {
    let (one, other) = (full(), full());
    assert_reads_back(&db, vec![one.clone(), other]).await;
    let history = db.trail().history(one.subject.expect("it is about somebody"), None, 0, 9).await;
    let history: Vec<_> = history.expect("a history can be read").into_iter().map(|(_, event)| event).collect();
    assert_eq!(history, std::slice::from_ref(&one));
    let unsequenced = db.chain().unsequenced(0, None, 1).await.expect("events can be read");
    assert_eq!(unsequenced.first().map(|numbered| &numbered.event), Some(&one));
}

async fn an_event_with_nothing_optional_reads_back(db: Db) {
    assert_reads_back(&db, vec![event(UserAction::Created)]).await;
}

async fn an_event_about_nobody_reads_back(db: Db) {
    let tried = SealedEvent {
        action: "auth.login_failed".into(),
        actor_type: "anonymous".into(),
        target_type: "name".into(),
        subject: None,
        ..event(UserAction::Created)
    };
    assert_reads_back(&db, vec![tried, full()]).await;
}

async fn long_sealed_values_read_back(db: Db) {
    // Two metadata of 16 KiB each, old and new, escaped, sealed and in base64: less than this.
    let long = |letter: &str| Some(SealedText::new(KeyHolder::Person, &letter.repeat(300_000)));
    let event = SealedEvent { origin: long("o"), changes: long("c"), ..event(UserAction::Updated) };
    assert_reads_back(&db, vec![event]).await;
}

async fn times_of_events_read_back_to_the_microsecond(db: Db) {
    let last: DateTime<Utc> = "9999-12-31T23:59:59.999999Z".parse().expect("the case writes moments");
    let moments = [0, 1, 999_999].map(|micros| FixedClock::START + TimeDelta::microseconds(micros));
    let events = moments.into_iter().chain([last]);
    let events = events.map(|recorded_at| SealedEvent { recorded_at, ..event(UserAction::Updated) });
    assert_reads_back(&db, events.collect()).await;
}

async fn codes_of_events_read_back_byte_by_byte(db: Db) {
    let odd = std::array::from_fn(|index| if index % 2 == 0 { 0x00 } else { 0xff });
    let codes = [[0; 32], [0xff; 32], [b' '; 32], odd].map(Digest::new);
    let events = codes.map(|mac| SealedEvent { mac, ..event(UserAction::Updated) });
    assert_reads_back(&db, events.to_vec()).await;
}
