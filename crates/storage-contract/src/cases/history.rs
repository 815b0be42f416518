//! What happened to one person, in the order in which it was written down.

use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::SealedEvent;
use domain::user::UserAction;
use domain::values::UserUuid;
use testkit::FixedClock;

use crate::case::cases;
use crate::db::Db;
use crate::trail::{event, event_about};
use crate::unit::new_uuid;

cases![
    a_history_tells_of_one_person_alone,
    a_history_is_in_the_order_of_writing,
    a_history_goes_as_far_as_a_moment,
    a_history_is_read_page_by_page,
];

const ALL: u32 = 500;

async fn history(
    db: &Db,
    subject: UserUuid,
    until: Option<DateTime<Utc>>,
    after: i64,
    limit: u32,
) -> Vec<(i64, SealedEvent)> {
    db.trail().history(subject, until, after, limit).await.expect("a history can be read")
}

fn told(history: Vec<(i64, SealedEvent)>) -> Vec<SealedEvent> {
    history.into_iter().map(|(_, event)| event).collect()
}

fn somebody() -> UserUuid {
    UserUuid::new(new_uuid())
}

/// An event about this person so many microseconds after the start.
fn at(subject: UserUuid, micros: i64) -> SealedEvent {
    let recorded_at = FixedClock::START + TimeDelta::microseconds(micros);
    SealedEvent { recorded_at, ..event_about(subject, UserAction::Updated) }
}

async fn a_history_tells_of_one_person_alone(db: Db) {
    let (ann, bob) = (somebody(), somebody());
    let of_session = SealedEvent { target_type: "session".into(), target_id: new_uuid(), ..at(ann, 1) };
    // What Bob did, or what was done to one who has Ann's id and another kind, is not about Ann.
    let by_ann = SealedEvent { actor_id: Some(ann), ..at(bob, 1) };
    let about_nobody = SealedEvent { subject: None, target_id: ann.get(), ..event(UserAction::Updated) };
    let of_ann = [at(ann, 0), of_session];
    db.write_down(&[of_ann[0].clone(), by_ann.clone(), of_ann[1].clone(), about_nobody]).await;
    assert_eq!(told(history(&db, ann, None, 0, ALL).await), of_ann);
    assert_eq!(told(history(&db, bob, None, 0, ALL).await), [by_ann]);
    assert_eq!(history(&db, somebody(), None, 0, ALL).await, []);
    let mut unit = db.begin().await;
    unit.append(&[at(ann, 2)]).await;
    assert_eq!(told(history(&db, ann, None, 0, ALL).await), of_ann, "what is not committed did not happen");
}

async fn a_history_is_in_the_order_of_writing(db: Db) {
    let ann = somebody();
    // Clocks differ, and ids are made before the events are written.
    let mut written: Vec<_> = [5, 3, 3, 9, 0].map(|micros| at(ann, micros)).to_vec();
    written.reverse();
    db.write_down(&written[..2]).await;
    db.write_down(&written[2..]).await;
    let history = history(&db, ann, None, 0, ALL).await;
    assert!(history.iter().all(|(number, _)| *number > 0), "{history:?}");
    assert!(history.is_sorted_by(|(one, _), (next, _)| one < next), "{history:?}");
    assert_eq!(told(history), written);
}

async fn a_history_goes_as_far_as_a_moment(db: Db) {
    let ann = somebody();
    let written: Vec<_> = [4, 0, 2, 3].map(|micros| at(ann, micros)).to_vec();
    db.write_down(&written).await;
    for micros in -1..6 {
        let until = FixedClock::START + TimeDelta::microseconds(micros);
        let expected: Vec<_> = written.iter().filter(|event| event.recorded_at <= until).cloned().collect();
        assert_eq!(told(history(&db, ann, Some(until), 0, ALL).await), expected, "until {until}");
    }
}

async fn a_history_is_read_page_by_page(db: Db) {
    let (ann, bob) = (somebody(), somebody());
    let written: Vec<_> = (0..9).map(|micros| at(if micros % 3 == 1 { bob } else { ann }, micros)).collect();
    db.write_down(&written).await;
    let all = history(&db, ann, None, 0, ALL).await;
    assert_eq!(all.len(), 6);
    for limit in [1, 2, 4, 6, 7] {
        let (mut walked, mut last) = (Vec::new(), 0);
        while walked.len() <= all.len() {
            let page = history(&db, ann, None, last, limit).await;
            assert_eq!(page.len(), (all.len() - walked.len()).min(limit as usize));
            let Some((number, _)) = page.last() else { break };
            last = *number;
            walked.extend(page);
        }
        assert_eq!(walked, all);
    }
    let (middle, _) = all[2];
    let until = FixedClock::START + TimeDelta::microseconds(6);
    assert_eq!(history(&db, ann, Some(until), middle, ALL).await, all[3..5]);
    assert_eq!(history(&db, ann, None, 0, 0).await, []);
}
