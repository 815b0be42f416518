//! Units beside one another, and callers that stop waiting.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use domain::ports::StorageFault;
use domain::query::ListUsers;
use domain::user::UserView;
use domain::values::UserUuid;
use testkit::{FixedClock, user};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::case::cases;
use crate::db::Db;

cases![
    a_cancelled_begin_leaves_nothing,
    a_begin_cancelled_in_the_queue_leaves_nothing,
    a_cancelled_statement_leaves_nothing,
    a_begin_that_must_wait_gives_up_within_two_seconds,
    a_unit_sees_what_others_committed_before_each_statement,
    the_changes_of_a_unit_appear_together,
];

/// Polls the future so many times, then drops it.
async fn cancel_after(polls: usize, future: impl Future) {
    let mut future = pin!(future);
    for _ in 0..polls {
        if poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await.is_ready() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// Adds a user and changes them again, each in a unit of its own, and makes sure that everybody sees it.
async fn assert_usable(db: &Db) {
    let check = async {
        let added = db.add(user()).await;
        assert_eq!(db.view(added.id()).await, Some(UserView::from(&added)));
        let changed = db.change(&added, |user| user.deactivate(None, None, FixedClock::START)).await;
        assert_eq!(db.view(added.id()).await, Some(UserView::from(&changed)));
    };
    timeout(Duration::from_secs(10), check).await.expect("the storage does not hang");
}

async fn a_cancelled_begin_leaves_nothing(db: Db) {
    for round in 0..60 {
        if round % 3 == 0 {
            let patience = Duration::from_micros(round * 50);
            drop(timeout(patience, db.storage().begin()).await);
        } else {
            let polls = usize::try_from(round % 12).expect("a small number");
            cancel_after(polls, db.storage().begin()).await;
        }
        if round % 5 == 4 {
            assert_usable(&db).await;
        }
    }
    assert_eq!(db.count().await, 12);
}

async fn a_begin_cancelled_in_the_queue_leaves_nothing(db: Db) {
    for _ in 0..5 {
        let holding = db.begin().await;
        for polls in 1..8 {
            cancel_after(polls, db.storage().begin()).await;
        }
        drop(timeout(Duration::from_millis(5), db.storage().begin()).await);
        drop(holding);
        assert_usable(&db).await;
    }
}

async fn a_cancelled_statement_leaves_nothing(db: Db) {
    let ann = db.add(user()).await;
    for polls in 0..12 {
        let mut unit = db.begin().await;
        cancel_after(polls, unit.users().insert(user().build())).await;
        drop(unit);

        let mut unit = db.begin().await;
        let mut changed = ann.clone();
        changed.deactivate(None, None, FixedClock::START);
        cancel_after(polls, unit.users().update(&changed)).await;
        drop(unit);

        assert_eq!(db.count().await, 1, "after {polls} polls");
        assert_eq!(db.load(ann.id()).await.as_ref(), Some(&ann), "after {polls} polls");
    }
    assert_usable(&db).await;
}

async fn a_begin_that_must_wait_gives_up_within_two_seconds(db: Db) {
    let mut holding = db.begin().await;
    holding.add(user()).await;
    let started = Instant::now();
    let second = timeout(Duration::from_secs(10), db.storage().begin()).await.expect("there is an answer at all");
    let waited = started.elapsed();
    // Where units may run side by side the second begins at once; where they follow one another it says so in time.
    if let Err(error) = second {
        assert_eq!(error.fault(), StorageFault::Unavailable);
        assert!(waited < Duration::from_millis(2_400), "it took {waited:?}");
    } else {
        assert!(waited < Duration::from_secs(1), "it took {waited:?}");
    }
    drop(holding);
    assert_usable(&db).await;
}

async fn a_unit_sees_what_others_committed_before_each_statement(db: Db) {
    let mut first = db.begin().await;
    let nobody = UserUuid::new(uuid::Uuid::max());
    assert_eq!(first.find(nobody).await, None, "a statement, so that the unit has certainly begun");

    let mut others = JoinSet::new();
    let other = db.clone();
    others.spawn(async move { other.add(user()).await });
    // Where units follow one another, the other one waits for the first, and there is nothing to see.
    let done = timeout(Duration::from_millis(700), others.join_next()).await;
    if let Ok(Some(added)) = done {
        let added = added.expect("the other unit commits");
        assert_eq!(first.find(added.id()).await, Some(added));
    } else {
        drop(first);
        others.join_next().await.expect("it was spawned").expect("the other unit commits once the first has ended");
    }
}

async fn the_changes_of_a_unit_appear_together(db: Db) {
    let is_done = Arc::new(AtomicBool::new(false));
    let mut readers = JoinSet::new();
    for _ in 0..2 {
        let (db, is_done) = (db.clone(), Arc::clone(&is_done));
        readers.spawn(async move {
            let mut looks = 0;
            while looks == 0 || !is_done.load(Ordering::SeqCst) {
                let page = db.list(&ListUsers { limit: 100, ..Default::default() }).await;
                assert_eq!(page.users.len() % 3, 0, "part of a unit was seen");
                looks += 1;
                tokio::task::yield_now().await;
            }
        });
    }
    for _ in 0..20 {
        let mut unit = db.begin().await;
        for _ in 0..3 {
            unit.add(user()).await;
            // Time to look, for the readers.
            sleep(Duration::from_millis(1)).await;
        }
        unit.commit().await;
    }
    is_done.store(true, Ordering::SeqCst);
    while let Some(reader) = readers.join_next().await {
        reader.expect("readers see all of a unit or nothing");
    }
}
