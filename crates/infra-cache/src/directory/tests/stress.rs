//! Threads that change, forget and read at once.

use super::*;
use crate::trial::Row;

const USERS: u128 = 4;
const SESSIONS_EACH: u128 = 2;

/// Epochs. Answers after a random while what was true at a random moment of it.
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

/// Changes a random user, then forgets it in one way or the other.
fn change(directory: &SessionDirectory, rows: &[Row]) {
    let user_number = fastrand::u128(0..USERS);
    let row = &rows[usize::try_from(user_number).unwrap()];
    let epoch = row.stored.fetch_add(1, Ordering::SeqCst) + 1;
    match fastrand::u32(0..8) {
        0 => directory.forget_everything(),
        1..4 => directory.committed(&[of_user(user(user_number))]),
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
    trial::stress(|| reads_something_old(&directory, &rows), || change(&directory, &rows));
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
