//! Signing in with a password.

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Actor;
use domain::audit::{Event, Target};
use domain::login::LoginName;
use domain::ports::{HashPasswordError, PasswordMatch, SignTokenError, StorageError};
use domain::session::{AuthenticationMethod, RefreshToken, Session, SignIn};
use domain::user::User;
use domain::values::{PasswordHash, PasswordText, PlainPassword, SessionId};

use super::attempts::{Attempt, Failure};
use super::token_pair::Holder;
use super::{Authentication, TokenPair};
use crate::RequestContext;
use crate::recording::{Outcome, record};
use crate::retry::{Retryable, retry};

/// A name and a password, as somebody typed them.
#[derive(Debug, Clone)]
pub struct Login {
    /// A username or an email address.
    pub name: String,
    /// The password.
    pub password: PasswordText,
}

/// A login with everything slow done; what is left is writing it down.
#[derive(Debug)]
pub struct PreparedLogin {
    attempt: Attempt,
    verdict: Verdict,
}

#[derive(Debug)]
enum Verdict {
    MustWait(TimeDelta),
    Refused(Failure),
    Accepted { user: Box<User>, better_hash: Option<PasswordHash> },
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The name, the password or the account is not good; which one is nobody's business.
    #[error("invalid credentials")]
    InvalidCredentials,
    /// Too many failures came before.
    #[error("too many attempts")]
    TooManyAttempts {
        /// When it may be tried again.
        retry_after: TimeDelta,
    },
    /// The password could not be compared.
    #[error(transparent)]
    Hashing(#[from] HashPasswordError),
    /// The access token could not be signed.
    #[error(transparent)]
    Signing(#[from] SignTokenError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Retryable for LoginError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Storage(error) if error.is_retryable())
    }
}

impl Authentication {
    /// Signs somebody in: [`prepare_login`](Self::prepare_login), then [`login_prepared`](Self::login_prepared).
    ///
    /// # Errors
    ///
    /// [`LoginError`], by variant.
    pub async fn login(&self, context: &RequestContext, login: Login) -> Result<TokenPair, LoginError> {
        let prepared = self.prepare_login(context, login).await?;
        self.login_prepared(context, prepared).await
    }

    /// Compares the password. Unknown names, wrong passwords and inactive accounts take the same work and, up to here,
    /// show no difference.
    ///
    /// # Errors
    ///
    /// [`LoginError::Hashing`] and [`LoginError::Storage`].
    pub async fn prepare_login(&self, context: &RequestContext, login: Login) -> Result<PreparedLogin, LoginError> {
        let name = LoginName::parse(&login.name);
        let user = self.ports.sessions.find_login(&name).await?;
        let account = user.as_ref().map(User::uuid);
        let (attempt, wait) = Attempt::begin(&self.ports, &context.origin, &name, account).await?;
        let verdict = match wait {
            Some(wait) => Verdict::MustWait(wait),
            None => self.judge(user, &login.password).await?,
        };
        Ok(PreparedLogin { attempt, verdict })
    }

    async fn judge(&self, user: Option<User>, password: &PasswordText) -> Result<Verdict, HashPasswordError> {
        // What no password can be is compared all the same, as another text that nobody has.
        let candidate = PlainPassword::candidate(password.expose());
        let can_fit = candidate.is_some();
        let password = candidate.or_else(|| PlainPassword::candidate("")).expect("the empty text is a candidate");
        let Some(user) = user else {
            self.ports.hasher.verify_nobody(password).await?;
            return Ok(Verdict::Refused(Failure::UnknownName));
        };
        let hash = user.record().password_hash.clone();
        let found = self.ports.hasher.verify(password.clone(), hash).await?;
        if !found.fits() || !can_fit {
            return Ok(Verdict::Refused(Failure::WrongPassword));
        }
        if !user.is_active() {
            return Ok(Verdict::Refused(Failure::Inactive));
        }
        let better_hash = match found {
            PasswordMatch::Outdated => self.better_hash(password).await?,
            PasswordMatch::Yes | PasswordMatch::No => None,
        };
        Ok(Verdict::Accepted { user: Box::new(user), better_hash })
    }

    /// A hash of today, if there is time for one: it can wait for the next login, and nobody is sent away for it.
    async fn better_hash(&self, password: PlainPassword) -> Result<Option<PasswordHash>, HashPasswordError> {
        match self.ports.hasher.hash(password).await {
            Ok(hash) => Ok(Some(hash)),
            Err(HashPasswordError::Overloaded { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes the login down and opens a session. Whoever begins this sees it through to its end.
    ///
    /// # Errors
    ///
    /// [`LoginError`], save `Hashing`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn login_prepared(
        &self,
        context: &RequestContext,
        prepared: PreparedLogin,
    ) -> Result<TokenPair, LoginError> {
        let PreparedLogin { attempt, verdict } = prepared;
        match verdict {
            Verdict::MustWait(retry_after) => {
                attempt.delay(&self.ports, context).await?;
                Err(LoginError::TooManyAttempts { retry_after })
            }
            Verdict::Refused(failure) => self.refuse(&attempt, context, failure).await,
            Verdict::Accepted { user, better_hash } => {
                let now = self.ports.clock.now();
                let id = SessionId::new(self.ports.ids.uuid(now));
                let opened = retry(&*self.ports.backoff, || {
                    self.open_session(context, &attempt, &user, better_hash.as_ref(), id, now)
                });
                match opened.await? {
                    Opened::Session(pair) => Ok(pair),
                    Opened::TooLate(retry_after) => {
                        attempt.delay(&self.ports, context).await?;
                        Err(LoginError::TooManyAttempts { retry_after })
                    }
                    // Changed while the password was compared.
                    Opened::NoLonger(failure) => self.refuse(&attempt, context, failure).await,
                }
            }
        }
    }

    async fn refuse(
        &self,
        attempt: &Attempt,
        context: &RequestContext,
        failure: Failure,
    ) -> Result<TokenPair, LoginError> {
        match attempt.fail(&self.ports, context, failure).await? {
            Some(retry_after) => Err(LoginError::TooManyAttempts { retry_after }),
            None => Err(LoginError::InvalidCredentials),
        }
    }

    async fn open_session(
        &self,
        context: &RequestContext,
        attempt: &Attempt,
        verified: &User,
        better_hash: Option<&PasswordHash>,
        id: SessionId,
        now: DateTime<Utc>,
    ) -> Result<Opened, LoginError> {
        let mut unit = self.ports.storage.begin().await?;
        let Some(user) = unit.users().find(verified.uuid().into()).await? else {
            return Ok(Opened::NoLonger(Failure::UnknownName));
        };
        let (hash, verified_hash) = (&user.record().password_hash, &verified.record().password_hash);
        // Another login may have put a better hash in its place meanwhile.
        if hash != verified_hash && user.record().password_changed_at != verified.record().password_changed_at {
            return Ok(Opened::NoLonger(Failure::WrongPassword));
        }
        if !user.is_active() {
            return Ok(Opened::NoLonger(Failure::Inactive));
        }
        if let Some(wait) = attempt.succeed(&mut *unit, now).await? {
            return Ok(Opened::TooLate(wait));
        }
        if let Some(better) = better_hash {
            unit.users().upgrade_hash(user.uuid(), verified_hash, better).await?;
        }
        // Before the session: whoever ends all sessions of the user takes them in this order, too.
        unit.logins().signed_in(user.uuid(), attempt.network(), now).await?;
        let origin = &context.origin;
        let sign_in = SignIn {
            id,
            user: user.uuid(),
            method: AuthenticationMethod::Password,
            ip: origin.ip,
            user_agent: origin.user_agent.clone(),
        };
        let (session, opened) = Session::open(sign_in, self.policy.session, now);
        let token = self.ports.secrets.token();
        unit.sessions().insert(&session).await?;
        let first = RefreshToken {
            digest: self.ports.secrets.digest(&token),
            session: id,
            parent: None,
            nonce: self.ports.secrets.nonce(),
            issued_at: now,
            spent_at: None,
        };
        unit.sessions().insert_token(&first).await?;
        let holder = Holder { role: user.role(), epoch: user.record().auth_epoch };
        let pair = self.token_pair(&session, holder, token, now)?;
        let signed_in = Event {
            action: "auth.login",
            target: Target::User(user.uuid()),
            subject: Some(user.uuid()),
            changes: vec![],
        };
        let context = of_user(context, &user, id);
        record(unit, &context, &self.ports, now, vec![signed_in, Event::from(opened)], Outcome::Done).await?;
        Ok(Opened::Session(pair))
    }
}

enum Opened {
    Session(TokenPair),
    TooLate(TimeDelta),
    NoLonger(Failure),
}

/// The same request, now that it is known whose it is.
fn of_user(context: &RequestContext, user: &User, session: SessionId) -> RequestContext {
    let username = user.record().username.as_str().to_owned();
    let mut context = context.clone();
    context.actor = Actor::User { uuid: user.uuid(), username, role: user.role() };
    context.origin.session_id = Some(session.get());
    context
}
