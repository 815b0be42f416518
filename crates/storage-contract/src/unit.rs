//! A unit of work, spoken to in the cases' own words.

use std::sync::LazyLock;

use domain::audit::SealedEvent;
use domain::ports::{
    AuditTrail, ErasureRepository, IdGenerator, IdempotencyRepository, ImportRepository, LoginRepository,
    OneTimeTokenRepository, SaveUserError, SessionRepository, StorageError, SubjectKeyRepository, UnitOfWork,
    UserRepository,
};
use domain::user::{User, UserAction};
use domain::values::UserRef;
use testkit::{FixedClock, SequentialIds, UserBuilder};
use uuid::Uuid;

use crate::trail::event;

/// A unit of work that a case has begun.
pub(crate) struct Unit(Box<dyn UnitOfWork>);

/// Says that saving was refused, and for this very reason.
macro_rules! assert_refused {
    ($saved:expr, $why:ident) => {
        match $saved {
            Err(domain::ports::SaveUserError::$why) => {}
            other => panic!("expected {}, got {other:?}", stringify!($why)),
        }
    };
}

pub(crate) use assert_refused;

impl Unit {
    pub(crate) fn new(unit: Box<dyn UnitOfWork>) -> Self {
        Self(unit)
    }

    pub(crate) fn users(&mut self) -> &mut dyn UserRepository {
        self.0.users()
    }

    pub(crate) fn sessions(&mut self) -> &mut dyn SessionRepository {
        self.0.sessions()
    }

    pub(crate) fn logins(&mut self) -> &mut dyn LoginRepository {
        self.0.logins()
    }

    pub(crate) fn one_time_tokens(&mut self) -> &mut dyn OneTimeTokenRepository {
        self.0.one_time_tokens()
    }

    pub(crate) fn subject_keys(&mut self) -> &mut dyn SubjectKeyRepository {
        self.0.subject_keys()
    }

    pub(crate) fn erasure(&mut self) -> &mut dyn ErasureRepository {
        self.0.erasure()
    }

    pub(crate) fn idempotency(&mut self) -> &mut dyn IdempotencyRepository {
        self.0.idempotency()
    }

    pub(crate) fn imports(&mut self) -> &mut dyn ImportRepository {
        self.0.imports()
    }

    pub(crate) fn audit(&mut self) -> &mut dyn AuditTrail {
        self.0.audit()
    }

    pub(crate) async fn insert(&mut self, user: UserBuilder) -> Result<User, SaveUserError> {
        self.users().insert(user.build()).await
    }

    /// Inserts a user whom nothing keeps from being stored. What comes back is what was asked for, not what was read.
    pub(crate) async fn add(&mut self, user: UserBuilder) -> User {
        let draft = user.build();
        let stored = self.users().insert(draft.clone()).await.expect("nobody holds the new user's names");
        draft.stored_as(stored.id())
    }

    /// The living user.
    pub(crate) async fn find(&mut self, user: impl Into<UserRef>) -> Option<User> {
        self.users().find(user.into()).await.expect("a user can be loaded")
    }

    /// The user, living or deleted.
    pub(crate) async fn load(&mut self, user: impl Into<UserRef>) -> Option<User> {
        self.users().find_including_deleted(user.into()).await.expect("a user can be loaded")
    }

    /// Loads a user, living or deleted, changes and tries to save them.
    pub(crate) async fn try_change<T>(
        &mut self,
        user: &User,
        change: impl FnOnce(&mut User) -> T,
    ) -> Result<User, SaveUserError> {
        let mut user = self.load(user.id()).await.expect("the user is stored");
        change(&mut user);
        self.users().update(&user).await?;
        Ok(User::from_stored(user.id(), user.record().clone()))
    }

    /// Makes a change that nothing keeps from being saved.
    pub(crate) async fn change<T>(&mut self, user: &User, change: impl FnOnce(&mut User) -> T) -> User {
        self.try_change(user, change).await.expect("nothing stands against the change")
    }

    pub(crate) async fn count_administrators(&mut self) -> u64 {
        self.users().count_administrators_exclusively().await.expect("administrators can be counted")
    }

    pub(crate) async fn append(&mut self, events: &[SealedEvent]) {
        self.audit().append(events).await.expect("events can be written down");
    }

    /// Writes down one event with nothing special about it.
    pub(crate) async fn record(&mut self, action: UserAction) -> SealedEvent {
        let event = event(action);
        self.append(std::slice::from_ref(&event)).await;
        event
    }

    /// The commit, whatever it says.
    #[expect(clippy::disallowed_methods, reason = "the suite tests the port itself, not a use case")]
    pub(crate) async fn try_commit(self) -> Result<(), StorageError> {
        self.0.commit().await
    }

    /// A commit that nothing keeps from succeeding.
    pub(crate) async fn commit(self) {
        self.try_commit().await.expect("the unit of work commits");
    }
}

pub(crate) fn new_uuid() -> Uuid {
    static IDS: LazyLock<SequentialIds> = LazyLock::new(SequentialIds::new);
    IDS.uuid(FixedClock::START)
}
