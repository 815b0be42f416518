//! Tries of a password: counted before anybody learns whether they were right.
//!
//! A try is looked at twice. Before the slow work, one that must wait is sent away. After it, in the unit that writes the
//! result down, it is looked at again under a lock: of many tries at once only as many get an answer as would have one
//! after the other, however many replicas they meet. Nobody learns what the others found out.

use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::{Event, Origin, Target};
use domain::login::{FailureRun, LoginKey, LoginName, LoginStanding, Place};
use domain::ports::{HashPasswordError, StorageError, UnitOfWork};
use domain::user::{FieldChange, FieldValue, User, UserView};
use domain::values::{Digest, PasswordText, PlainPassword, UserUuid, network};
use uuid::{Builder, Uuid};

use crate::recording::{Outcome, record};
use crate::retry::{Retryable, retry};
use crate::{Ports, RequestContext};

/// One try of a password: whose, and from where.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    name: Digest,
    network: Digest,
    /// The account that the name belongs to, if there is one.
    account: Option<UserUuid>,
    is_known_network: bool,
}

/// Why a try failed, for the audit trail alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    UnknownName,
    WrongPassword,
    Inactive,
}

impl Failure {
    const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownName => "unknown_name",
            Self::WrongPassword => "wrong_password",
            Self::Inactive => "inactive",
        }
    }
}

/// What a network is known by.
pub(super) fn network_digest(ports: &Ports, origin: &Origin) -> Digest {
    ports.secrets.pseudonym("network", &network(origin.ip))
}

/// What a name's failures are counted under.
pub(crate) fn name_digest(ports: &Ports, name: &LoginName) -> Digest {
    match name {
        LoginName::Username(key) => ports.secrets.pseudonym("username", key),
        LoginName::Email(key) => ports.secrets.pseudonym("email", key),
    }
}

impl Attempt {
    /// A try of this name, and how long it must wait. The same is asked for names that nobody has.
    pub(super) async fn begin(
        ports: &Ports,
        origin: &Origin,
        name: &LoginName,
        account: Option<UserUuid>,
    ) -> Result<(Self, Option<TimeDelta>), StorageError> {
        let (name, network) = (name_digest(ports, name), network_digest(ports, origin));
        let standing = ports.sessions.login_standing(name, network, account).await?;
        let is_known_network = standing.is_known_network;
        let attempt = Self { name, network, account, is_known_network };
        Ok((attempt, standing.wait(ports.clock.now())))
    }

    pub(super) fn network(&self) -> Digest {
        self.network
    }

    fn here(&self) -> LoginKey {
        LoginKey { name: self.name, place: Place::Network(self.network) }
    }

    fn anywhere(&self) -> LoginKey {
        LoginKey { name: self.name, place: Place::Anywhere }
    }

    async fn standing(&self, unit: &mut dyn UnitOfWork) -> Result<LoginStanding, StorageError> {
        // Always in this order, so that two tries never wait for one another.
        let here = unit.logins().failures(self.here()).await?;
        let anywhere = unit.logins().failures(self.anywhere()).await?;
        Ok(LoginStanding { here, anywhere, is_known_network: self.is_known_network })
    }

    /// Notes a right password, unless the try came too late: then how long it must wait.
    pub(super) async fn succeed(
        &self,
        unit: &mut dyn UnitOfWork,
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, StorageError> {
        let standing = self.standing(unit).await?;
        if let Some(wait) = standing.wait(now) {
            return Ok(Some(wait));
        }
        if standing.here.is_some() {
            unit.logins().forget_failures(self.here()).await?;
        }
        Ok(None)
    }

    /// Notes a failure, and writes it down; how long the try must wait if it came too late to be answered.
    pub(super) async fn fail(
        &self,
        ports: &Ports,
        context: &RequestContext,
        failure: Failure,
    ) -> Result<Option<TimeDelta>, StorageError> {
        let now = ports.clock.now();
        retry(&*ports.backoff, || self.try_fail(ports, context, failure, now)).await
    }

    async fn try_fail(
        &self,
        ports: &Ports,
        context: &RequestContext,
        failure: Failure,
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, StorageError> {
        let mut unit = ports.storage.begin().await?;
        let standing = self.standing(&mut *unit).await?;
        if let Some(wait) = standing.wait(now) {
            self.record_delay(unit, ports, context, &standing, now).await?;
            return Ok(Some(wait));
        }
        for (key, run) in [(self.here(), standing.here), (self.anywhere(), standing.anywhere)] {
            unit.logins().set_failures(key, FailureRun::and_one_more(run, key.place, now)).await?;
        }
        let new = FieldValue::text(Some(failure.as_str()));
        let reason = FieldChange { field: "reason", old: FieldValue::Null, new };
        record(unit, context, ports, now, vec![self.event("auth.login_failed", vec![reason])], Outcome::Done).await?;
        Ok(None)
    }

    /// How long a right password must wait that came too late to be answered. Whoever is signed in already opens no session,
    /// so nothing else is noted.
    async fn confirm(&self, ports: &Ports, context: &RequestContext) -> Result<Option<TimeDelta>, StorageError> {
        let now = ports.clock.now();
        retry(&*ports.backoff, || async {
            let mut unit = ports.storage.begin().await?;
            let standing = self.standing(&mut *unit).await?;
            let wait = standing.wait(now);
            if wait.is_some() {
                self.record_delay(unit, ports, context, &standing, now).await?;
            }
            Ok(wait)
        })
        .await
    }

    /// Writes down that the try was told to wait: once for each wait, or anybody could fill the trail.
    pub(super) async fn delay(&self, ports: &Ports, context: &RequestContext) -> Result<(), StorageError> {
        let now = ports.clock.now();
        retry(&*ports.backoff, || async {
            let mut unit = ports.storage.begin().await?;
            let standing = self.standing(&mut *unit).await?;
            self.record_delay(unit, ports, context, &standing, now).await
        })
        .await
    }

    async fn record_delay(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        ports: &Ports,
        context: &RequestContext,
        standing: &LoginStanding,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let waits_here = standing.here.is_some_and(|run| run.wait(now).is_some());
        let key = if waits_here { self.here() } else { self.anywhere() };
        if unit.logins().note_delay(key).await? {
            record(unit, context, ports, now, vec![self.event("auth.login_delayed", Vec::new())], Outcome::Done)
                .await?;
        }
        Ok(())
    }

    fn event(&self, action: &'static str, changes: Vec<FieldChange>) -> Event {
        let target = self.account.map_or_else(|| Target::Name(pseudonym(self.name)), Target::User);
        Event { action, target, subject: self.account, changes }
    }
}

/// Half of a digest, as a `UUIDv8` (RFC 9562 §5.8).
fn pseudonym(name: Digest) -> Uuid {
    let (half, _) = name.bytes().split_first_chunk::<16>().expect("a digest has 32 bytes");
    Builder::from_custom_bytes(*half).into_uuid()
}

impl Retryable for StorageError {
    fn is_retryable(&self) -> bool {
        StorageError::is_retryable(self)
    }
}

/// Why somebody who is signed in was not believed to be the account's owner.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmPasswordError {
    /// The password is another one.
    #[error("the current password is wrong")]
    Wrong,
    /// Too many failures came before.
    #[error("too many attempts")]
    TooManyAttempts {
        /// When it may be tried again.
        retry_after: TimeDelta,
    },
    /// The password could not be compared.
    #[error(transparent)]
    Hashing(#[from] HashPasswordError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Makes sure that somebody who is signed in knows the account's password: a stolen token must not become an account.
/// Wrong ones count as failed sign-ins, so that guessing is no quicker this way.
pub(crate) async fn confirm_password(
    ports: &Ports,
    context: &RequestContext,
    user: &UserView,
    password: &PasswordText,
) -> Result<Confirmed, ConfirmPasswordError> {
    let name = LoginName::parse(&user.username);
    let attempt = admit(ports, context, &name, user).await?;
    let account = ports.sessions.find_login(&name).await?.filter(|account| account.uuid() == user.uuid);
    let confirmed = match (PlainPassword::candidate(password.expose()), account) {
        (Some(password), Some(account)) => {
            let fits = ports.hasher.verify(password, account.record().password_hash.clone()).await?.fits();
            fits.then(|| Confirmed { set_at: account.record().password_changed_at })
        }
        _ => None,
    };
    let wait = match confirmed {
        Some(_) => attempt.confirm(ports, context).await?,
        None => attempt.fail(ports, context, Failure::WrongPassword).await?,
    };
    match wait {
        Some(retry_after) => Err(ConfirmPasswordError::TooManyAttempts { retry_after }),
        None => confirmed.ok_or(ConfirmPasswordError::Wrong),
    }
}

/// That somebody knew the password that the user had at a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Confirmed {
    set_at: DateTime<Utc>,
}

impl Confirmed {
    /// Whether it is still the password that the user has, now that the user is locked. Whoever sets another one meanwhile
    /// means to keep those out who know the old one.
    pub(crate) fn holds(self, user: &User) -> bool {
        user.record().password_changed_at == self.set_at
    }
}

/// A try that need not wait.
async fn admit(
    ports: &Ports,
    context: &RequestContext,
    name: &LoginName,
    user: &UserView,
) -> Result<Attempt, ConfirmPasswordError> {
    let (attempt, wait) = Attempt::begin(ports, &context.origin, name, Some(user.uuid)).await?;
    let Some(retry_after) = wait else { return Ok(attempt) };
    attempt.delay(ports, context).await?;
    Err(ConfirmPasswordError::TooManyAttempts { retry_after })
}
