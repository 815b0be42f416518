//! A service on memory, and people to ask it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::access::Actor;
use domain::audit::{Origin, StoredEvent};
use domain::input::{Change, UserChanges};
use domain::ports::mocks::{MockStorage, MockUnitOfWork};
use domain::ports::{
    AskEachTime, AuditTrail, ErasureRepository, IdempotencyRepository, ImportRepository, LoginRepository,
    OneTimeTokenRepository, SessionRepository, Storage, StorageError, StorageFault, SubjectKeyRepository, UnitOfWork,
    UserQueries, UserRepository,
};
use domain::query::DeletedScope;
use domain::user::{User, UserView};
use domain::values::{Metadata, PasswordPolicy, PersonName, PlainPassword, Role, UserId, UserUuid};
use infra_memory::MemoryStorage;
use testkit::{
    CountedTokens, FakeHasher, FixedClock, ForgetfulDirectory, ImmediateBackoff, PlainCursors, PlainOutcomes,
    PlainSigner, PlainSubjectKeys, SequentialIds, SequentialSecrets, UserBuilder,
};
use uuid::Uuid;

use crate::audit::{AuditRecord, open_all};
use crate::users::{MetadataMode, Precondition, UpdateUser, UserPolicy, Users};
use crate::{Authentication, AuthenticationPolicy, Keyring, Ports, RequestContext};

/// A service on memory, with handles on what surrounds it.
pub(crate) struct World {
    pub(crate) users: Users,
    pub(crate) authentication: Authentication,
    pub(crate) ports: Ports,
    pub(crate) storage: MemoryStorage,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) hasher: Arc<FakeHasher>,
    pub(crate) directory: Arc<ForgetfulDirectory>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::under(UserPolicy::default())
    }

    pub(crate) fn under(policy: UserPolicy) -> Self {
        let storage = MemoryStorage::new();
        let (clock, hasher) = (Arc::new(FixedClock::new()), Arc::new(FakeHasher::new()));
        let directory = Arc::new(ForgetfulDirectory::new(Arc::new(storage.clone())));
        let ports = Ports {
            storage: Arc::new(storage.clone()),
            queries: Arc::new(storage.clone()),
            shown_users: Arc::new(AskEachTime(Arc::new(storage.clone()))),
            replica: None,
            sessions: Arc::new(storage.clone()),
            audit: Arc::new(storage.clone()),
            chain: Arc::new(storage.clone()),
            leases: Arc::new(storage.clone()),
            directory: directory.clone(),
            listener: directory.clone(),
            clock: clock.clone(),
            ids: Arc::new(SequentialIds::new()),
            secrets: Arc::new(SequentialSecrets::new()),
            subject_sealer: Arc::new(PlainSubjectKeys::new()),
            keyring: Keyring::default(),
            audit_signer: Arc::new(PlainSigner::default()),
            outcome_sealer: Arc::new(PlainOutcomes),
            access_tokens: Arc::new(CountedTokens::new()),
            hasher: hasher.clone(),
            strength: hasher.clone(),
            backoff: Arc::new(ImmediateBackoff::new(3)),
            cursors: Arc::new(PlainCursors),
        };
        let users = Users::new(ports.clone(), policy);
        let signing_in = AuthenticationPolicy { allow_registration: true, ..AuthenticationPolicy::default() };
        let authentication = Authentication::new(users.clone(), signing_in);
        Self { users, authentication, ports, storage, clock, hasher, directory }
    }

    /// The same service, with other units of work.
    pub(crate) fn users_on(&self, storage: impl Storage + 'static) -> Users {
        let ports = Ports { storage: Arc::new(storage), ..self.ports.clone() };
        Users::new(ports, self.users.policy().clone())
    }

    /// The same use cases of signing in, with other units of work.
    pub(crate) fn authentication_on(&self, storage: impl Storage + 'static) -> Authentication {
        Authentication::new(self.users_on(storage), AuthenticationPolicy::default())
    }

    /// Stores a user, without a trace in the audit trail.
    pub(crate) async fn given(&self, user: UserBuilder) -> UserView {
        let mut unit = self.storage.begin().await.unwrap();
        let user = unit.users().insert(user.build()).await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "what a test begins with is nobody's doing")]
        unit.commit().await.unwrap();
        UserView::from(&user)
    }

    /// What is stored of the user now, deleted or not.
    pub(crate) async fn stored(&self, user: UserUuid) -> UserView {
        let found = self.storage.find(user.into(), DeletedScope::All).await.unwrap();
        found.expect("the test stored the user")
    }

    /// What is stored of the user now, with what readers never see.
    pub(crate) async fn loaded(&self, user: UserUuid) -> User {
        let mut unit = self.storage.begin().await.unwrap();
        let found = unit.users().find_including_deleted(user.into()).await.unwrap();
        found.expect("the test stored the user")
    }

    /// The actions in the audit trail, oldest first.
    pub(crate) fn actions(&self) -> Vec<String> {
        self.storage.audit_events().iter().map(|event| event.action.clone().into_owned()).collect()
    }

    /// The events of the audit trail, opened, oldest first.
    pub(crate) async fn events(&self) -> Vec<AuditRecord> {
        let stored = self.storage.audit_events().into_iter().map(|event| StoredEvent { event, place: None });
        open_all(&self.ports, stored.collect()).await.unwrap()
    }

    /// The newest event of the audit trail, opened.
    pub(crate) async fn last_event(&self) -> AuditRecord {
        self.events().await.pop().expect("something was recorded")
    }
}

/// A request of this user, in the role they have.
pub(crate) fn by(user: &UserView) -> RequestContext {
    let actor = Actor::User { uuid: user.uuid, username: user.username.clone(), role: user.role };
    let request_id = Some(format!("request-of-{}", user.username));
    RequestContext::new(actor, Origin { request_id, ..Origin::default() })
}

/// A request of somebody in this role who is none of the users that a test is about.
pub(crate) fn somebody(role: Role) -> RequestContext {
    let actor = Actor::User { uuid: UserUuid::new(Uuid::from_u128(1)), username: format!("some-{role}"), role };
    RequestContext::new(actor, Origin::default())
}

pub(crate) fn admin() -> RequestContext {
    somebody(Role::Admin)
}

/// Changes as PUT means them.
pub(crate) fn put(changes: UserChanges) -> UpdateUser {
    UpdateUser { changes, metadata: MetadataMode::Replace, precondition: Precondition::None, current_password: None }
}

/// Changes as PATCH means them.
pub(crate) fn patch(changes: UserChanges) -> UpdateUser {
    UpdateUser { changes, metadata: MetadataMode::Merge, precondition: Precondition::None, current_password: None }
}

/// The same by somebody who shows that they know the password that test users have.
pub(crate) fn confirmed(command: UpdateUser) -> UpdateUser {
    UpdateUser { current_password: Some("correct horse battery staple".into()), ..command }
}

pub(crate) fn name(text: &str) -> Change<PersonName> {
    Change::Set(PersonName::parse(text).unwrap())
}

pub(crate) fn object(json: &str) -> Change<Metadata> {
    Change::Set(Metadata::from_json_object(json.to_owned()).unwrap())
}

pub(crate) fn password(text: &str) -> PlainPassword {
    PlainPassword::parse(text, &PasswordPolicy::default()).unwrap()
}

/// The user as a unit of work finds them when this is their version.
pub(crate) fn loaded_in_version(user: UserBuilder, version: i64) -> User {
    let mut record = user.build().record().clone();
    record.version = version;
    User::from_stored(UserId::new(1), record)
}

pub(crate) fn fault(fault: StorageFault) -> StorageError {
    StorageError::new(fault, "the test says so")
}

/// A unit in which nobody has a key yet and everybody gets one.
pub(crate) fn unit_that_seals() -> MockUnitOfWork {
    let mut unit = MockUnitOfWork::default();
    unit.subject_keys.expect_find().returning(|_| Ok(Vec::new()));
    unit.subject_keys.expect_insert().returning(|_| Ok(()));
    unit.users.expect_find_erased().returning(|_| Ok(Vec::new()));
    unit
}

/// Units of work that are handed out one by one; asking for one more fails the test.
pub(crate) fn storage_of(units: impl IntoIterator<Item = MockUnitOfWork>) -> MockStorage {
    let mut storage = MockStorage::new();
    let mut sequence = mockall::Sequence::new();
    for unit in units {
        storage.expect_begin().times(1).in_sequence(&mut sequence).return_once(move || Ok(Box::new(unit)));
    }
    storage
}

/// Memory whose commits meet these faults, one each, before they succeed again.
pub(crate) struct FaultyCommits {
    memory: MemoryStorage,
    faults: Faults,
}

type Faults = Arc<Mutex<VecDeque<Option<StorageFault>>>>;

impl FaultyCommits {
    pub(crate) fn new(memory: &MemoryStorage, faults: impl IntoIterator<Item = StorageFault>) -> Self {
        Self::then(memory, faults.into_iter().map(Some))
    }

    /// Some of the commits succeed in between.
    pub(crate) fn then(memory: &MemoryStorage, faults: impl IntoIterator<Item = Option<StorageFault>>) -> Self {
        Self { memory: memory.clone(), faults: Arc::new(Mutex::new(faults.into_iter().collect())) }
    }
}

#[async_trait]
impl Storage for FaultyCommits {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StorageError> {
        let unit = self.memory.begin().await?;
        Ok(Box::new(FaultyUnit { unit, faults: self.faults.clone() }))
    }
}

struct FaultyUnit {
    unit: Box<dyn UnitOfWork>,
    faults: Faults,
}

#[async_trait]
impl UnitOfWork for FaultyUnit {
    fn users(&mut self) -> &mut dyn UserRepository {
        self.unit.users()
    }

    fn sessions(&mut self) -> &mut dyn SessionRepository {
        self.unit.sessions()
    }

    fn logins(&mut self) -> &mut dyn LoginRepository {
        self.unit.logins()
    }

    fn one_time_tokens(&mut self) -> &mut dyn OneTimeTokenRepository {
        self.unit.one_time_tokens()
    }

    fn subject_keys(&mut self) -> &mut dyn SubjectKeyRepository {
        self.unit.subject_keys()
    }

    fn erasure(&mut self) -> &mut dyn ErasureRepository {
        self.unit.erasure()
    }

    fn idempotency(&mut self) -> &mut dyn IdempotencyRepository {
        self.unit.idempotency()
    }

    fn imports(&mut self) -> &mut dyn ImportRepository {
        self.unit.imports()
    }

    fn audit(&mut self) -> &mut dyn AuditTrail {
        self.unit.audit()
    }

    async fn commit(self: Box<Self>) -> Result<(), StorageError> {
        let next = self.faults.lock().unwrap().pop_front().flatten();
        match next {
            Some(next) => Err(fault(next)),
            #[expect(clippy::disallowed_methods, reason = "this is the commit that `recording` asked for")]
            None => self.unit.commit().await,
        }
    }
}
