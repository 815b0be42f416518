//! Access tokens without signatures, and a directory without a memory.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::AccessChange;
use domain::ports::{
    AccessClaims, AccessDirectory, AccessTokenError, AccessTokens, ChangeFollower, ChangeListener, FindAccessError,
    LoggedChange, SessionQueries, SignTokenError,
};
use domain::session::SessionAccess;
use domain::values::SessionId;

/// Tokens that are numbers: they hold what was signed, in this process.
#[derive(Debug, Default)]
pub struct CountedTokens {
    signed: Mutex<Vec<AccessClaims>>,
}

impl CountedTokens {
    /// No tokens yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl AccessTokens for CountedTokens {
    fn sign(&self, claims: &AccessClaims) -> Result<String, SignTokenError> {
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        signed.push(claims.clone());
        Ok(format!("access-{}", signed.len() - 1))
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, AccessTokenError> {
        let signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        let number = token.strip_prefix("access-").and_then(|number| number.parse::<usize>().ok());
        let claims = number.and_then(|number| signed.get(number)).ok_or(AccessTokenError::Invalid)?;
        if now < claims.expires_at { Ok(claims.clone()) } else { Err(AccessTokenError::Expired) }
    }
}

/// A directory that remembers nothing, so that it is never wrong, and notes what it is told.
pub struct ForgetfulDirectory {
    queries: Arc<dyn SessionQueries>,
    blind: AtomicBool,
    told: Mutex<Vec<AccessChange>>,
}

impl std::fmt::Debug for ForgetfulDirectory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ForgetfulDirectory").finish_non_exhaustive()
    }
}

impl ForgetfulDirectory {
    /// A directory of what is stored there.
    pub fn new(queries: Arc<dyn SessionQueries>) -> Self {
        Self { queries, blind: AtomicBool::new(false), told: Mutex::default() }
    }

    /// From now on, says that it has not heard of changes; or no longer does.
    pub fn blind(&self, blind: bool) {
        self.blind.store(blind, Ordering::SeqCst);
    }

    /// Whether it says so.
    pub fn is_blind(&self) -> bool {
        self.blind.load(Ordering::SeqCst)
    }

    /// The changes it was told of, oldest first; it forgets them.
    pub fn told(&self) -> Vec<AccessChange> {
        std::mem::take(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl AccessDirectory for ForgetfulDirectory {
    async fn find(&self, session: SessionId) -> Result<Option<Arc<SessionAccess>>, FindAccessError> {
        if self.blind.load(Ordering::SeqCst) {
            return Err(FindAccessError::Blind);
        }
        Ok(self.queries.find_access(session).await?.map(Arc::new))
    }

    fn forget(&self, _: SessionId) {}
}

impl ChangeFollower for ForgetfulDirectory {
    fn changed(&self, changes: &[LoggedChange], _: i64) {
        self.committed(&changes.iter().map(|logged| logged.change).collect::<Vec<_>>());
    }

    fn forget_everything(&self) {}

    fn heard(&self, _: Duration) {
        self.blind(false);
    }
}

impl ChangeListener for ForgetfulDirectory {
    fn committed(&self, changes: &[AccessChange]) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(changes);
    }
}
