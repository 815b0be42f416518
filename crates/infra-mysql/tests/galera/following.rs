//! Following what changes on all nodes from any one of them: numbers are given by each node for itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use application::authentication::Tail;
use domain::ports::{ChangeLog, IdGenerator as _, Storage, StorageError};
use domain::user::UserAction;
use domain::values::UserUuid;
use infra_mysql::MySqlStorage;
use storage_contract::event_about;
use testkit::{FixedClock, ForgetfulDirectory, SequentialIds};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::Fixture;

fn new_uuid() -> Uuid {
    static IDS: LazyLock<SequentialIds> = LazyLock::new(SequentialIds::new);
    IDS.uuid(FixedClock::START)
}

/// Writes an event down that is about a new user, and commits after a while.
async fn write_down(storage: &MySqlStorage, commits_after: Duration) -> Result<UserUuid, StorageError> {
    let user = UserUuid::new(new_uuid());
    let event = event_about(user, UserAction::Updated);
    let mut unit = storage.begin().await?;
    unit.audit().append(&[event]).await?;
    sleep(commits_after).await;
    #[expect(clippy::disallowed_methods, reason = "the test is about what was committed, and nobody keeps copies")]
    unit.commit().await?;
    Ok(user)
}

pub(crate) async fn a_node_that_was_idle_gives_greater_numbers_than_all_it_has_seen(fixture: &Fixture) {
    let storages = fixture.migrated().await;
    for round in 0..6 {
        let (idle, busy) = (&storages[round % 3], [&storages[(round + 1) % 3], &storages[(round + 2) % 3]]);
        for _ in 0..25 {
            for storage in busy {
                write_down(storage, Duration::ZERO).await.unwrap();
            }
        }
        fixture.catch_up().await;
        let newest = idle.newest().await.unwrap();
        let about = write_down(idle, Duration::ZERO).await.unwrap();
        let later = idle.after(newest, 10).await.unwrap();
        assert_eq!(later.iter().map(|logged| logged.change.user).collect::<Vec<_>>(), [Some(about)], "round {round}");
        fixture.catch_up().await;
    }
}

/// Longer than twice the time that a follower looks back.
const BUSY_FOR: Duration = Duration::from_secs(12);
/// Longer than a follower looks back.
const IDLE_FOR: Duration = Duration::from_millis(5_700);
/// As slow as a unit of work may be.
const SLOW: Duration = Duration::from_millis(1_500);

/// Writes on this node, with pauses, until the time is over.
async fn write(storage: Arc<MySqlStorage>, pause: Duration, commits_after: Duration) -> Vec<UserUuid> {
    let (start, mut written) = (Instant::now(), Vec::new());
    while start.elapsed() < BUSY_FOR {
        sleep(pause).await;
        match write_down(&storage, commits_after).await {
            Ok(user) => written.push(user),
            Err(error) => assert!(error.is_retryable(), "{error:?}"),
        }
    }
    written
}

/// What somebody is told who follows the changes on this node.
async fn follow(storage: Arc<MySqlStorage>, is_over: Arc<AtomicBool>) -> Vec<UserUuid> {
    let directory = Arc::new(ForgetfulDirectory::new(storage.clone()));
    let mut tail = Tail::new(storage, directory.clone());
    let mut told = Vec::new();
    loop {
        let is_last = is_over.load(Ordering::SeqCst);
        tail.look(std::time::Instant::now()).await.unwrap();
        told.extend(directory.told().into_iter().filter_map(|change| change.user));
        if is_last {
            return told;
        }
        sleep(Duration::from_millis(200)).await;
    }
}

pub(crate) async fn whoever_follows_the_changes_on_any_node_is_told_each_of_them_once(fixture: &Fixture) {
    let storages: Vec<_> = fixture.migrated().await.into_iter().map(Arc::new).collect();
    let (is_over, mut followers, mut writers) = (Arc::<AtomicBool>::default(), JoinSet::new(), JoinSet::new());
    for (node, storage) in storages.iter().enumerate() {
        followers.spawn(follow(Arc::clone(storage), Arc::clone(&is_over)));
        let busy = Duration::from_millis(10);
        let rhythms: &[_] =
            if node == 2 { &[(IDLE_FOR, Duration::ZERO)] } else { &[(busy, Duration::ZERO), (busy, SLOW)] };
        for (pause, commits_after) in rhythms {
            writers.spawn(write(Arc::clone(storage), *pause, *commits_after));
        }
    }
    let mut written = writers.join_all().await.concat();
    fixture.catch_up().await;
    is_over.store(true, Ordering::SeqCst);
    written.sort_unstable();
    assert!(written.len() > 100, "{}", written.len());
    for mut told in followers.join_all().await {
        told.sort_unstable();
        let missed = written.iter().filter(|user| told.binary_search(user).is_err()).count();
        assert_eq!((told.len(), missed), (written.len(), 0), "each once");
    }
}
