//! Making an account.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::audit::Event;
use domain::input::NewUser;
use domain::ports::{HashPasswordError, SaveUserError, StorageError, UnitOfWork};
use domain::user::{UserDraft, UserEvent, UserView};
use domain::values::UserUuid;
use domain::violation::FieldViolation;

use super::Users;
use super::change::Changed;
use crate::RequestContext;
use crate::recording::{Outcome, record};
use crate::retry::{Retryable, retry};

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// The actor may not make accounts.
    #[error("making accounts is not allowed")]
    Forbidden,
    /// Another user holds the username.
    #[error("username is already taken")]
    UsernameTaken,
    /// Another user holds the email address.
    #[error("email is already taken")]
    EmailTaken,
    /// Another user has the external id.
    #[error("external id is already taken")]
    ExternalIdTaken,
    /// The password is guessed too easily.
    #[error("the password cannot be")]
    Invalid(Vec<FieldViolation>),
    /// The password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashPasswordError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A new user with everything slow done; what is left is storing it.
#[derive(Debug, Clone)]
pub struct PreparedUser {
    pub(crate) draft: UserDraft,
    pub(crate) events: Vec<UserEvent>,
    now: DateTime<Utc>,
}

impl Users {
    /// Makes an account: [`prepare_create`](Self::prepare_create), then [`create_prepared`](Self::create_prepared).
    ///
    /// # Errors
    ///
    /// [`CreateUserError`], by variant.
    pub async fn create(&self, context: &RequestContext, new: NewUser) -> Result<UserView, CreateUserError> {
        let prepared = self.prepare_create(context, new).await?;
        self.create_prepared(context, prepared).await
    }

    /// Does what is slow about making an account, the hashing, and leaves nothing behind: a caller who does not wait for
    /// the end drops it, and no hash is computed for nobody.
    ///
    /// # Errors
    ///
    /// [`CreateUserError::Forbidden`] before anything is hashed, [`CreateUserError::Invalid`] and
    /// [`CreateUserError::Hashing`].
    pub async fn prepare_create(
        &self,
        context: &RequestContext,
        new: NewUser,
    ) -> Result<PreparedUser, CreateUserError> {
        if !context.actor.may(Permission::UsersCreate) {
            return Err(CreateUserError::Forbidden);
        }
        self.prepare_new(new, context.actor.uuid()).await
    }

    /// The same for those whose right to make this account comes from elsewhere.
    pub(crate) async fn prepare_new(
        &self,
        new: NewUser,
        created_by: Option<UserUuid>,
    ) -> Result<PreparedUser, CreateUserError> {
        let weak = self.weakness(&new.password, new.username.as_str(), new.email.as_str()).await?;
        if let Some(weak) = weak {
            return Err(CreateUserError::Invalid(vec![weak.at("/password")]));
        }
        let password_hash = self.ports.hasher.hash(new.password.clone()).await?;
        let now = self.ports.clock.now();
        let uuid = UserUuid::new(self.ports.ids.uuid(now));
        let (draft, events) = UserDraft::new(new, password_hash, uuid, created_by, now);
        Ok(PreparedUser { draft, events, now })
    }

    /// Stores a prepared user. Whoever begins this sees it through to its end.
    ///
    /// # Errors
    ///
    /// The conflicts of [`CreateUserError`], and [`CreateUserError::Storage`].
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn create_prepared(
        &self,
        context: &RequestContext,
        prepared: PreparedUser,
    ) -> Result<UserView, CreateUserError> {
        retry(&*self.ports.backoff, || self.try_create(context, prepared.clone())).await
    }

    async fn try_create(&self, context: &RequestContext, prepared: PreparedUser) -> Result<UserView, CreateUserError> {
        let now = prepared.now;
        let mut unit = self.ports.storage.begin().await?;
        let Changed { view, events } = insert_in(&mut *unit, prepared).await?;
        record(unit, context, &self.ports, now, events, Outcome::User(&view)).await?;
        Ok(view)
    }
}

/// Stores a prepared user within a unit of work, and leaves it to the caller to record that.
pub(super) async fn insert_in(unit: &mut dyn UnitOfWork, prepared: PreparedUser) -> Result<Changed, SaveUserError> {
    let user = unit.users().insert(prepared.draft).await?;
    let events = prepared.events.into_iter().map(Event::from).collect();
    Ok(Changed { view: UserView::from(&user), events })
}

impl From<SaveUserError> for CreateUserError {
    fn from(error: SaveUserError) -> Self {
        match error {
            SaveUserError::UsernameTaken => Self::UsernameTaken,
            SaveUserError::EmailTaken => Self::EmailTaken,
            SaveUserError::ExternalIdTaken => Self::ExternalIdTaken,
            SaveUserError::Storage(error) => Self::Storage(error),
            SaveUserError::StaleVersion | SaveUserError::UuidTaken => {
                Self::Storage(StorageError::new(domain::ports::StorageFault::Failed, error))
            }
        }
    }
}

impl Retryable for CreateUserError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Storage(error) if error.is_retryable())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use chrono::TimeDelta;
    use domain::ports::mocks::{MockPasswordHasher, MockStorage};
    use domain::ports::{Clock, StorageFault, UserQueries};
    use domain::query::DeletedScope;
    use domain::values::{Role, UserId, UserRef};
    use mockall::Sequence;
    use rstest::rstest;
    use serde_json::Value;
    use testkit::{FakeHasher, FixedClock, user};

    use super::*;
    use crate::fixture::{FaultyCommits, World, admin, by, fault, somebody, storage_of, unit_that_seals};
    use crate::users::UserPolicy;

    #[tokio::test]
    async fn a_new_user_is_answered_and_stored_as_asked_for() {
        let world = World::new();
        let ann = user().named("ann").moderator().inactive().full_name("Ann B. Lee").first_name("Ann");
        let ann = ann.external_id("hr-1").locale("de-AT").user_metadata(r#"{"theme":1}"#);
        let made = world.users.create(&admin(), ann.password("open sesame").new_user()).await.unwrap();
        assert_eq!((made.id, made.version), (UserId::new(1), 1));
        assert_eq!((made.username.as_str(), made.email.as_str()), ("ann", "ann@example.org"));
        assert_eq!((made.role, made.is_active, made.email_verified), (Role::Moderator, false, false));
        assert_eq!((made.created_at, made.updated_at), (FixedClock::START, FixedClock::START));
        assert_eq!(world.stored(made.uuid).await, made);
        let loaded = world.loaded(made.uuid).await;
        assert_eq!(loaded.record().password_hash, FakeHasher::hash_of("open sesame"));
        assert_eq!(loaded.record().created_by, admin().actor.uuid());
    }

    #[tokio::test]
    async fn the_trail_tells_who_made_whom_with_which_values_and_no_secret() {
        let world = World::new();
        let boss = world.given(user().admin().named("boss")).await;
        let new = user().named("ann").password("open sesame").new_user();
        let ann = world.users.create(&by(&boss), new).await.unwrap();
        let event = world.last_event().await;
        assert_eq!(world.actions(), ["user.created"]);
        assert_eq!((event.target_id, event.recorded_at), (ann.uuid.get(), FixedClock::START));
        assert_eq!((event.actor.id, event.actor.name.as_deref()), (Some(boss.uuid), Some("boss")));
        assert_eq!(event.request_id.as_deref(), Some("request-of-boss"));
        let username = event.changes.iter().find(|change| change.field == "username").unwrap();
        assert_eq!((&username.old, &username.new), (&Some(Value::Null), &Some("ann".into())));
        let password = event.changes.iter().find(|change| change.field == "password").unwrap();
        assert_eq!(password.new, None, "only that there is one");
        assert!(!format!("{event:?}").contains("sesame"), "{event:?}");
    }

    #[rstest]
    #[case::username(user().named("ann").username("ANN").email("other@example.org"), "username is already taken")]
    #[case::email(user().named("other").email("Ann@Example.org"), "email is already taken")]
    #[case::both(user().named("Ann"), "username is already taken")]
    #[case::external_id(user().external_id("hr-1"), "external id is already taken")]
    #[tokio::test]
    async fn a_taken_name_is_refused_and_nothing_is_stored(#[case] new: testkit::UserBuilder, #[case] expected: &str) {
        let world = World::new();
        let ann = world.given(user().named("ann").external_id("hr-1")).await;
        let error = world.users.create(&admin(), new.new_user()).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(world.actions(), Vec::<&str>::new());
        let next = UserRef::Id(UserId::new(ann.id.get() + 1));
        assert_eq!(world.storage.find(next, DeletedScope::All).await.unwrap(), None);
    }

    #[rstest]
    #[tokio::test]
    async fn only_administrators_make_accounts(#[values(Role::User, Role::Moderator)] role: Role) {
        let mut ports = World::new().ports;
        ports.hasher = Arc::new(MockPasswordHasher::new());
        ports.storage = Arc::new(MockStorage::new());
        let users = Users::new(ports, UserPolicy::default());
        let error = users.create(&somebody(role), user().new_user()).await.unwrap_err();
        assert!(matches!(error, CreateUserError::Forbidden), "and neither hashed nor looked for anything");
    }

    #[tokio::test]
    async fn the_password_is_hashed_before_the_unit_begins_and_the_event_is_part_of_it() {
        let mut sequence = Sequence::new();
        let mut hasher = MockPasswordHasher::new();
        let hash = FakeHasher::hash_of("hashed once");
        hasher.expect_hash().times(1).in_sequence(&mut sequence).return_once(|_| Ok(hash));
        let mut storage = MockStorage::new();
        let mut unit = unit_that_seals();
        let begin = storage.expect_begin().times(1).in_sequence(&mut sequence);
        let insert = unit.users.expect_insert().times(1).in_sequence(&mut sequence);
        insert.returning(|draft| Ok(draft.stored_as(UserId::new(1))));
        let append = unit.audit.expect_append().times(1).in_sequence(&mut sequence);
        append.withf(|events| events.len() == 1).returning(|_| Ok(()));
        unit.commit.expect_commit().times(1).in_sequence(&mut sequence).return_once(|| Ok(()));
        begin.return_once(move || Ok(Box::new(unit)));

        let mut ports = World::new().ports;
        (ports.hasher, ports.storage) = (Arc::new(hasher), Arc::new(storage));
        let users = Users::new(ports, UserPolicy::default());
        users.create(&admin(), user().new_user()).await.unwrap();
    }

    #[tokio::test]
    async fn an_overloaded_hasher_is_told_and_no_unit_begins() {
        let world = World::new();
        world.hasher.overload(true);
        let users = world.users_on(MockStorage::new());
        let error = users.create(&admin(), user().new_user()).await.unwrap_err();
        assert!(matches!(error, CreateUserError::Hashing(HashPasswordError::Overloaded { .. })), "{error:?}");
    }

    #[tokio::test]
    async fn an_attempt_that_lost_is_made_again_with_the_same_uuid_and_hash() {
        let drafts = Arc::new(Mutex::new(Vec::new()));
        let unit = |result: fn(UserDraft) -> Result<domain::user::User, SaveUserError>| {
            let (mut unit, drafts) = (unit_that_seals(), drafts.clone());
            unit.users.expect_insert().times(1).returning(move |draft| {
                drafts.lock().unwrap().push(draft.clone());
                result(draft)
            });
            unit
        };
        let lost = unit(|_| Err(fault(StorageFault::Retryable).into()));
        let mut won = unit(|draft| Ok(draft.stored_as(UserId::new(1))));
        won.audit.expect_append().times(1).returning(|_| Ok(()));
        won.commit.expect_commit().times(1).return_once(|| Ok(()));

        let world = World::new();
        let made = world.users_on(storage_of([lost, won])).create(&admin(), user().new_user()).await.unwrap();
        let drafts = drafts.lock().unwrap();
        assert_eq!(drafts.len(), 2);
        assert_eq!(drafts[0], drafts[1]);
        assert_eq!(drafts[1].record().uuid, made.uuid);
    }

    #[tokio::test]
    async fn a_commit_that_lost_is_tried_again_until_it_succeeds() {
        let world = World::new();
        let users = world.users_on(FaultyCommits::new(&world.storage, [StorageFault::Retryable; 3]));
        let made = users.create(&admin(), user().new_user()).await.unwrap();
        assert_eq!(world.stored(made.uuid).await, made);
        assert_eq!(world.actions(), ["user.created"]);
    }

    #[rstest]
    #[case::lost_every_time(StorageFault::Retryable, 4)]
    #[case::unknown_so_never_again(StorageFault::UnknownOutcome, 1)]
    #[case::away(StorageFault::Unavailable, 1)]
    #[case::broken(StorageFault::Failed, 1)]
    #[tokio::test]
    async fn a_failing_commit_is_told_and_leaves_nothing(#[case] kind: StorageFault, #[case] attempts: usize) {
        let world = World::new();
        // One more attempt than these would meet no fault, and store the user.
        let users = world.users_on(FaultyCommits::new(&world.storage, vec![kind; attempts]));
        let error = users.create(&admin(), user().named("ann").new_user()).await.unwrap_err();
        assert!(matches!(&error, CreateUserError::Storage(error) if error.fault() == kind), "{error:?}");
        assert_eq!(world.actions(), Vec::<&str>::new());
        let found = world.storage.find(UserId::new(1).into(), DeletedScope::All).await.unwrap();
        assert_eq!(found, None);
    }

    #[tokio::test]
    async fn a_user_whom_the_trail_cannot_hold_is_not_made() {
        let mut unit = unit_that_seals();
        unit.users.expect_insert().returning(|draft| Ok(draft.stored_as(UserId::new(1))));
        unit.audit.expect_append().times(1).returning(|_| Err(fault(StorageFault::Failed)));
        unit.commit.expect_commit().never();
        let users = World::new().users_on(storage_of([unit]));
        let error = users.create(&admin(), user().new_user()).await.unwrap_err();
        assert!(matches!(error, CreateUserError::Storage(_)), "{error:?}");
    }

    #[tokio::test]
    async fn accounts_are_dated_by_the_clock() {
        let world = World::new();
        let later = world.clock.advance(TimeDelta::hours(1));
        let made = world.users.create(&RequestContext::system(), user().new_user()).await.unwrap();
        assert_eq!((made.created_at, world.clock.now()), (later, later));
        assert_eq!(world.last_event().await.actor.kind, "system");
    }
}
