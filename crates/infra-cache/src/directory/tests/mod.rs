//! The directory against a database whose answers come when the test says so.

mod keeping;
mod races;
mod stress;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::Effect;
use domain::login::{LoginName, LoginStanding};
use domain::session::Session;
use domain::user::User;
use domain::values::{Digest, Role, UserId, UserUuid};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::*;
use crate::trial::{self, linger, settle};

type Asker = trial::Asker<Result<Option<i64>, FindAccessError>>;
type Questions = trial::Questions<Question>;

fn session(number: u128) -> SessionId {
    SessionId::new(Uuid::from_u128(number))
}

fn user(number: u128) -> UserUuid {
    UserUuid::new(Uuid::from_u128(number))
}

/// A session of that user, at that epoch.
fn access(session: SessionId, user: UserUuid, auth_epoch: i64) -> SessionAccess {
    SessionAccess {
        session,
        user,
        user_id: UserId::new(1),
        username: "ann".to_owned(),
        role: Role::User,
        auth_epoch,
        must_change_password: false,
        usable_until: None,
    }
}

fn of_user(user: UserUuid) -> AccessChange {
    AccessChange { user: Some(user), session: None, effect: Effect::Detail }
}

fn of_session(session: SessionId, user: UserUuid) -> AccessChange {
    AccessChange { user: Some(user), session: Some(session), effect: Effect::Detail }
}

fn of_nobody() -> AccessChange {
    AccessChange { user: None, session: None, effect: Effect::Detail }
}

/// A query that waits for its answer.
#[derive(Debug)]
struct Question {
    session: SessionId,
    answer: oneshot::Sender<Result<Option<SessionAccess>, StorageError>>,
}

impl Question {
    /// Answers that the session is there, its user at that epoch.
    fn epoch(self, user: UserUuid, epoch: i64) {
        let found = access(self.session, user, epoch);
        let _ = self.answer.send(Ok(Some(found)));
    }

    fn nothing(self) {
        let _ = self.answer.send(Ok(None));
    }

    fn fails(self) {
        let _ = self.answer.send(Err(StorageError::new(StorageFault::Unavailable, "away")));
    }
}

/// Asks the test.
struct Asking(mpsc::UnboundedSender<Question>);

fn directory(limits: Limits) -> (Arc<SessionDirectory>, Questions) {
    let (sender, questions) = mpsc::unbounded_channel();
    let directory = SessionDirectory::within(limits, Arc::new(Only(Asking(sender))), Arc::new(WakeUps::none()));
    (Arc::new(directory), trial::Questions(questions))
}

/// Somebody asks, and is left to wait.
fn asked(directory: &Arc<SessionDirectory>, session: SessionId) -> Asker {
    let directory = Arc::clone(directory);
    Asker::of(async move { directory.find(session).await.map(|found| found.map(|access| access.auth_epoch)) })
}

impl Asker {
    async fn epoch(self) -> Option<i64> {
        self.answer().await.expect("an answer")
    }
}

/// What knows sessions alone.
#[async_trait]
trait Sessions: Send + Sync {
    async fn look_up(&self, session: SessionId) -> Result<Option<SessionAccess>, StorageError>;
}

#[async_trait]
impl Sessions for Asking {
    async fn look_up(&self, session: SessionId) -> Result<Option<SessionAccess>, StorageError> {
        let (answer, waiting) = oneshot::channel();
        self.0.send(Question { session, answer }).expect("the test lives");
        waiting.await.expect("the test answers")
    }
}

/// A database of nothing else.
struct Only<S>(S);

#[async_trait]
impl<S: Sessions> SessionQueries for Only<S> {
    async fn find_login(&self, _: &LoginName) -> Result<Option<User>, StorageError> {
        panic!("nobody signs in")
    }

    async fn login_standing(&self, _: Digest, _: Digest, _: Option<UserUuid>) -> Result<LoginStanding, StorageError> {
        panic!("nobody signs in")
    }

    async fn find_access(&self, session: SessionId) -> Result<Option<SessionAccess>, StorageError> {
        self.0.look_up(session).await
    }

    async fn find_token_session(&self, _: Digest) -> Result<Option<SessionId>, StorageError> {
        panic!("nobody refreshes")
    }

    async fn sessions_of(&self, _: UserUuid, _: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        panic!("nobody lists sessions")
    }
}
