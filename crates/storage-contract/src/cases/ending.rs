//! Ending all sessions of a user while another one is being opened: none slips through.

use std::time::Duration;

use domain::ports::{SaveUserError, StorageError};
use domain::session::{RevocationReason, Session};
use domain::user::User;
use domain::values::SessionId;
use futures_util::future::BoxFuture;
use testkit::user;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::case::cases;
use crate::db::{Db, settle, together};
use crate::sign_in::{LIFETIME, NOW, micros, session};

cases![
    who_loads_the_live_sessions_waits_for_one_that_is_being_opened,
    who_opens_a_session_waits_for_one_who_loaded_the_live_ones,
    no_session_slips_through_whoever_ends_all_of_them,
    a_session_that_is_refreshed_while_it_is_revoked_stays_revoked,
    a_session_that_is_refreshed_while_all_are_ended_ends_with_them,
];

const ROUNDS: usize = 30;

type Task = BoxFuture<'static, Result<(), SaveUserError>>;

async fn load(db: Db, user: User) -> Result<Vec<Session>, StorageError> {
    let mut unit = db.try_begin().await?;
    let live = unit.sessions().find_live(user.uuid(), NOW).await?;
    unit.try_commit().await?;
    Ok(live)
}

async fn open(db: Db, session: Session) -> Result<(), StorageError> {
    let mut unit = db.try_begin().await?;
    unit.sessions().insert(&session).await?;
    unit.try_commit().await
}

/// What became of the other unit, if it has come to an end beside one that has not.
async fn ended<T: 'static>(other: &mut JoinSet<T>, patience: Duration) -> Option<T> {
    let ended = timeout(patience, other.join_next()).await.ok()?;
    Some(ended.expect("it was spawned").expect("it does not panic"))
}

const BESIDE: Duration = Duration::from_millis(500);
const AFTERWARDS: Duration = Duration::from_mins(1);

async fn who_loads_the_live_sessions_waits_for_one_that_is_being_opened(db: Db) {
    let ann = db.add(user()).await;
    let opened = session(&ann);
    let mut opening = db.begin().await;
    opening.sessions().insert(&opened).await.expect("a session can be stored");
    let mut loading = JoinSet::new();
    loading.spawn(load(db.clone(), ann.clone()));
    match ended(&mut loading, BESIDE).await {
        Some(Ok(live)) => {
            // Where locks do not reach, the one who commits last hears of it.
            assert_eq!(live, [], "what was not committed was seen");
            assert!(opening.try_commit().await.is_err_and(|error| error.is_retryable()), "it slipped through");
        }
        Some(Err(error)) => assert!(error.is_retryable(), "{error:?}"),
        None => {
            opening.commit().await;
            let late = ended(&mut loading, AFTERWARDS).await.expect("the other unit has ended");
            assert!(
                late.as_ref().is_err_and(StorageError::is_retryable)
                    || late.as_ref().is_ok_and(|live| *live == [opened]),
                "{late:?}"
            );
        }
    }
}

async fn who_opens_a_session_waits_for_one_who_loaded_the_live_ones(db: Db) {
    let ann = db.add(user()).await;
    let opened = session(&ann);
    let mut loading = db.begin().await;
    assert_eq!(loading.sessions().find_live(ann.uuid(), NOW).await.expect("sessions can be loaded"), []);
    let mut opening = JoinSet::new();
    opening.spawn(open(db.clone(), opened));
    match ended(&mut opening, BESIDE).await {
        Some(Ok(())) => {
            assert!(loading.try_commit().await.is_err_and(|error| error.is_retryable()), "it slipped through");
        }
        Some(Err(error)) => assert!(error.is_retryable(), "{error:?}"),
        None => {
            loading.commit().await;
            let late = ended(&mut opening, AFTERWARDS).await.expect("the other unit has ended");
            assert!(late.is_ok() || late.as_ref().is_err_and(StorageError::is_retryable), "{late:?}");
        }
    }
}

/// Ends every session of a user who may not sign in any more.
async fn end_all(db: Db, user: User) -> Result<(), SaveUserError> {
    let mut unit = db.try_begin().await?;
    let mut live = unit.sessions().find_live(user.uuid(), NOW).await?;
    // Time for another unit to open one, if it may.
    sleep(Duration::from_millis(1)).await;
    for session in &mut live {
        session.revoke(RevocationReason::Deactivated, NOW);
    }
    unit.sessions().update(&live).await?;
    let mut user = unit.users().find(user.id().into()).await?.expect("nobody deletes the user");
    user.deactivate(None, None, NOW);
    unit.users().update(&user).await?;
    unit.try_commit().await?;
    Ok(())
}

/// Opens a session, unless its user may not sign in any more.
async fn sign_in(db: Db, session: Session) -> Result<(), SaveUserError> {
    let mut unit = db.try_begin().await?;
    unit.sessions().insert(&session).await?;
    let user = unit.users().find(session.user().into()).await?.expect("nobody deletes the user");
    if user.is_active() {
        sleep(Duration::from_millis(1)).await;
        unit.try_commit().await?;
    }
    Ok(())
}

async fn no_session_slips_through_whoever_ends_all_of_them(db: Db) {
    for round in 0..ROUNDS {
        let ann = db.add(user()).await;
        let (before, during) = (session(&ann), session(&ann));
        db.open(&[&before]).await;
        let (ending, opening) = (db.clone(), db.clone());
        let tasks: Vec<Task> = vec![
            Box::pin({
                let ann = ann.clone();
                async move { settle(|| end_all(ending.clone(), ann.clone())).await }
            }),
            Box::pin(async move { settle(|| sign_in(opening.clone(), during.clone())).await }),
        ];
        for ended in together(tasks).await {
            ended.expect("trying again helps");
        }
        assert_eq!(db.listed(&ann, NOW).await, [], "in round {round}");
    }
}

/// What every refresh does to the session.
async fn refresh(db: Db, session: SessionId) -> Result<(), SaveUserError> {
    let mut unit = db.try_begin().await?;
    let mut session = unit.sessions().find(session).await?.expect("nobody deletes the session");
    // Time for another unit to revoke it, if it may.
    sleep(Duration::from_millis(1)).await;
    session.refresh(LIFETIME, NOW + micros(1));
    unit.sessions().update(&[session]).await?;
    unit.try_commit().await?;
    Ok(())
}

async fn revoke(db: Db, session: SessionId) -> Result<(), SaveUserError> {
    let mut unit = db.try_begin().await?;
    let mut session = unit.sessions().find(session).await?.expect("nobody deletes the session");
    session.revoke(RevocationReason::Owner, NOW);
    unit.sessions().update(&[session]).await?;
    unit.try_commit().await?;
    Ok(())
}

async fn a_session_that_is_refreshed_while_it_is_revoked_stays_revoked(db: Db) {
    let ann = db.add(user()).await;
    for round in 0..ROUNDS {
        let id = stored(&db, &ann).await;
        let (refreshing, revoking) = (db.clone(), db.clone());
        let tasks: Vec<Task> = vec![
            Box::pin(async move { settle(|| refresh(refreshing.clone(), id)).await }),
            Box::pin(async move { settle(|| revoke(revoking.clone(), id)).await }),
        ];
        assert_revoked(&db, tasks, id, round).await;
    }
}

async fn a_session_that_is_refreshed_while_all_are_ended_ends_with_them(db: Db) {
    for round in 0..ROUNDS {
        let ann = db.add(user()).await;
        let id = stored(&db, &ann).await;
        let (refreshing, ending) = (db.clone(), db.clone());
        let tasks: Vec<Task> = vec![
            Box::pin(async move { settle(|| refresh(refreshing.clone(), id)).await }),
            Box::pin(async move { settle(|| end_all(ending.clone(), ann.clone())).await }),
        ];
        assert_revoked(&db, tasks, id, round).await;
    }
}

async fn stored(db: &Db, user: &User) -> SessionId {
    let session = session(user);
    db.open(&[&session]).await;
    session.id()
}

async fn assert_revoked(db: &Db, tasks: Vec<Task>, session: SessionId, round: usize) {
    for ended in together(tasks).await {
        ended.expect("trying again helps");
    }
    let session = db.session(session).await.expect("the session is stored");
    assert_eq!(session.record().revoked_at, Some(NOW), "in round {round}");
}
