//! Threads that change, forget and read at once, for as long as it takes to meet what is rare.

use std::sync::atomic::{AtomicBool, AtomicI64};
use std::thread;

use super::*;

const USERS: u128 = 4;
const SESSIONS_EACH: u128 = 2;
const LASTING: Duration = Duration::from_secs(2);

/// A row for each user: its epoch as it is stored, and as it was when a change of it was last forgotten.
#[derive(Default)]
struct Row {
    stored: AtomicI64,
    told: AtomicI64,
}

/// Answers after a random while what was true at a random moment of it.
struct Table(Arc<Vec<Row>>);

#[async_trait]
impl Sessions for Table {
    async fn look_up(&self, session: SessionId) -> Result<Option<SessionAccess>, StorageError> {
        linger().await;
        let user_number = session.get().as_u128() / SESSIONS_EACH;
        let row = &self.0[usize::try_from(user_number).unwrap()];
        let found = access(session, user(user_number), row.stored.load(Ordering::SeqCst));
        linger().await;
        Ok(Some(found))
    }
}

async fn linger() {
    for _ in 0..fastrand::u32(0..8) {
        tokio::task::yield_now().await;
    }
}

/// Changes a random user, then forgets it in one way or the other.
fn change(directory: &SessionDirectory, rows: &[Row]) {
    let user_number = fastrand::u128(0..USERS);
    let row = &rows[usize::try_from(user_number).unwrap()];
    let epoch = row.stored.fetch_add(1, Ordering::SeqCst) + 1;
    match fastrand::u32(0..8) {
        0 => directory.forget_everything(),
        1..4 => directory.forget(&[of_user(user(user_number))]),
        _ => {
            let sessions = (0..SESSIONS_EACH).map(|number| session(user_number * SESSIONS_EACH + number));
            let changes: Vec<_> = sessions.map(|session| of_session(session, user(user_number))).collect();
            directory.committed(&changes);
        }
    }
    row.told.fetch_max(epoch, Ordering::SeqCst);
}

/// Whether an answer was from before what was told of before the question.
async fn reads_something_old(directory: &SessionDirectory, rows: &[Row]) -> bool {
    let number = fastrand::u128(0..USERS * SESSIONS_EACH);
    let told = rows[usize::try_from(number / SESSIONS_EACH).unwrap()].told.load(Ordering::SeqCst);
    match directory.find(session(number)).await {
        Ok(found) => found.expect("it exists").auth_epoch < told,
        Err(FindAccessError::Storage(error)) if error.is_retryable() => false,
        Err(error) => panic!("{error}"),
    }
}

fn stress(limits: Limits) {
    let rows: Arc<Vec<Row>> = Arc::new((0..USERS).map(|_| Row::default()).collect());
    let queries = Arc::new(Only(Table(Arc::clone(&rows))));
    let directory = SessionDirectory::within(limits, queries, Arc::new(WakeUps::none()));
    let is_over = AtomicBool::new(false);
    let (old, read, overtaken) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(async {
                    while !is_over.load(Ordering::Relaxed) {
                        let (first, second, third) = tokio::join!(
                            reads_something_old(&directory, &rows),
                            reads_something_old(&directory, &rows),
                            reads_something_old(&directory, &rows),
                        );
                        old.fetch_add([first, second, third].map(u64::from).iter().sum(), Ordering::Relaxed);
                        read.fetch_add(3, Ordering::Relaxed);
                    }
                });
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    change(&directory, &rows);
                    overtaken.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(Duration::from_micros(fastrand::u64(0..200)));
                }
            });
        }
        thread::sleep(LASTING);
        is_over.store(true, Ordering::Relaxed);
    });
    let (old, read, changes) = (old.into_inner(), read.into_inner(), overtaken.into_inner());
    assert_eq!(old, 0, "of {read} answers beside {changes} changes");
    assert!(read > 1_000 && changes > 100, "{read} answers beside {changes} changes show little");
}

#[test]
fn nobody_sees_what_was_true_before_a_forget_that_has_returned() {
    stress(LIMITS);
}

/// So few marks that they are dropped all the time.
#[test]
fn nobody_does_when_marks_are_too_many_either() {
    stress(Limits { sessions: 3, ..LIMITS });
}
