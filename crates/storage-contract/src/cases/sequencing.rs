//! Events that have no place yet: each is found, however late it is committed.

use std::collections::HashSet;
use std::time::Duration;

use domain::audit::{ChainLink, NumberedEvent, SealedEvent};
use domain::ports::{AppendLinksError, SaveUserError, StorageError};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::chain::links_behind;
use crate::case::cases;
use crate::db::{Db, settle};
use crate::sign_in::new_digest;
use crate::trail::events;

cases![
    events_without_a_place_are_found_by_number,
    events_that_have_a_place_are_left_out,
    events_are_found_between_two_numbers,
    at_most_so_many_events_are_found_the_least_number_first,
    an_event_that_is_committed_late_is_found_behind_others,
    sequencers_and_writers_at_once_leave_no_gap_and_no_fork,
];

const ALL: u32 = 10_000;

impl Db {
    async fn unsequenced(&self, after: i64, up_to: Option<i64>, limit: u32) -> Vec<NumberedEvent> {
        self.chain().unsequenced(after, up_to, limit).await.expect("events can be read")
    }
}

fn told(numbered: &[NumberedEvent]) -> Vec<SealedEvent> {
    numbered.iter().map(|numbered| numbered.event.clone()).collect()
}

async fn events_without_a_place_are_found_by_number(db: Db) {
    assert_eq!(db.unsequenced(0, None, ALL).await, []);
    let mut written = Vec::new();
    for number in [1, 120, 2] {
        let events = events(number);
        db.write_down(&events).await;
        written.extend(events);
    }
    let mut unit = db.begin().await;
    unit.append(&events(2)).await;
    let found = db.unsequenced(0, None, ALL).await;
    drop(unit);
    assert_eq!(told(&found), written, "what is not committed has not happened");
    assert!(found.iter().all(|numbered| numbered.number > 0));
    assert!(found.is_sorted_by(|one, next| one.number < next.number));
    // The same numbers as those by which others learn of changes and go through a history.
    let changes = db.changes().after(0, ALL).await.expect("changes can be read");
    let numbers = |found: &[NumberedEvent]| found.iter().map(|numbered| numbered.number).collect::<Vec<_>>();
    assert_eq!(changes.iter().map(|logged| logged.number).collect::<Vec<_>>(), numbers(&found));
    let one = &found[60];
    let history = db.trail().history(one.event.subject.expect("it is about somebody"), None, 0, 9).await;
    assert_eq!(history.expect("a history can be read"), [(one.number, one.event.clone())]);
}

async fn events_that_have_a_place_are_left_out(db: Db) {
    let written = events(5);
    db.write_down(&written).await;
    let placed = [written[1].clone(), written[4].clone()];
    db.chain().append(&links_behind(0, &placed), None).await.expect("nothing is taken");
    assert_eq!(told(&db.unsequenced(0, None, ALL).await), [&written[0], &written[2], &written[3]].map(Clone::clone));
}

async fn events_are_found_between_two_numbers(db: Db) {
    db.write_down(&events(6)).await;
    let all = db.unsequenced(0, None, ALL).await;
    let number = |index: usize| all[index].number;
    assert_eq!(db.unsequenced(number(1), Some(number(4)), ALL).await, all[2..=4]);
    assert_eq!(db.unsequenced(number(3), None, ALL).await, all[4..]);
    assert_eq!(db.unsequenced(0, Some(number(0)), ALL).await, all[..1]);
    assert_eq!(db.unsequenced(number(2), Some(number(2)), ALL).await, []);
    assert_eq!(db.unsequenced(number(5), None, ALL).await, []);
    assert_eq!(db.unsequenced(i64::MAX, None, ALL).await, []);
}

async fn at_most_so_many_events_are_found_the_least_number_first(db: Db) {
    db.write_down(&events(7)).await;
    let all = db.unsequenced(0, None, ALL).await;
    for limit in [0, 1, 3, 7, 8] {
        let expected = &all[..all.len().min(limit as usize)];
        assert_eq!(db.unsequenced(0, None, limit).await, expected);
        assert_eq!(db.unsequenced(0, Some(all[6].number), limit).await, expected);
    }
}

async fn an_event_that_is_committed_late_is_found_behind_others(db: Db) {
    let (early, late) = (events(1), events(1));
    let mut slow = db.begin().await;
    slow.append(&late).await;
    let (mut others, other, written) = (JoinSet::new(), db.clone(), early.clone());
    others.spawn(async move { other.write_down(&written).await });
    // Where units follow one another, the other one waits for the first.
    let is_overtaken = timeout(Duration::from_millis(500), others.join_next()).await.is_ok();
    let mut position = 0;
    if is_overtaken {
        assert_eq!(told(&db.unsequenced(0, None, ALL).await), early);
        db.chain().append(&links_behind(0, &early), None).await.expect("nothing is taken");
        position = 1;
    }
    slow.commit().await;
    while let Some(other) = others.join_next().await {
        other.expect("the other unit commits");
    }
    let found = told(&db.unsequenced(0, None, ALL).await);
    let expected = if is_overtaken { late } else { [late, early].concat() };
    assert_eq!(found, expected, "overtaken: {is_overtaken}");
    db.chain().append(&links_behind(position, &expected), None).await.expect("nothing is taken");
    assert_eq!(db.unsequenced(0, None, ALL).await, []);
}

/// Gives places to whatever has none, again and again, until so many events have one.
async fn sequence(db: Db, until: i64) {
    loop {
        let chain = db.chain();
        let last = patiently(chain.head().await).flatten().map_or(0, |head| head.position);
        if last >= until {
            return;
        }
        let Some(found) = patiently(chain.unsequenced(0, None, 7).await) else { continue };
        let link = |(position, numbered): (i64, &NumberedEvent)| {
            let event_id = numbered.event.id;
            ChainLink { position, event_id, hash: new_digest() }
        };
        let links: Vec<_> = (last + 1..).zip(&found).map(link).collect();
        match chain.append(&links, None).await {
            Ok(()) | Err(AppendLinksError::Taken) => {}
            Err(AppendLinksError::Storage(error)) => assert!(error.is_retryable(), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn patiently<T>(read: Result<T, StorageError>) -> Option<T> {
    match read {
        Err(error) if error.is_retryable() => None,
        read => Some(read.expect("the chain can be read")),
    }
}

async fn write(db: &Db, written: &[SealedEvent]) -> Result<(), SaveUserError> {
    let mut unit = db.try_begin().await?;
    unit.audit().append(written).await?;
    Ok(unit.try_commit().await?)
}

async fn sequencers_and_writers_at_once_leave_no_gap_and_no_fork(db: Db) {
    const WRITERS: usize = 3;
    const EACH: usize = 20;
    let all: Vec<Vec<_>> = (0..WRITERS).map(|_| events(EACH)).collect();
    let count = WRITERS * EACH;
    let mut tasks = JoinSet::new();
    for own in all.clone() {
        let db = db.clone();
        tasks.spawn(async move {
            for part in own.chunks(2) {
                settle(|| write(&db, part)).await.expect("nothing stands against it");
            }
        });
    }
    for _ in 0..2 {
        tasks.spawn(sequence(db.clone(), i64::try_from(count).expect("a small number")));
    }
    timeout(Duration::from_mins(1), tasks.join_all()).await.expect("every event gets a place");
    let links = db.chain().links(0, ALL).await.expect("links can be read");
    assert!((1..).zip(&links).all(|(position, chained)| chained.link.position == position), "{links:?}");
    let found: HashSet<_> = links.iter().filter_map(|chained| chained.event.as_ref()).map(|event| event.id).collect();
    assert_eq!(found, all.concat().iter().map(|event| event.id).collect());
    assert_eq!((links.len(), db.unsequenced(0, None, ALL).await), (count, vec![]));
}
