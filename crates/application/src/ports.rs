//! What the use cases need from the outside.

use std::sync::Arc;

use domain::ports::{
    AccessDirectory, AccessTokens, Backoff, ChangeListener, Clock, CursorSealer, IdGenerator, PasswordHasher,
    PasswordStrength, SecretGenerator, SessionQueries, Storage, UserQueries,
};

/// What the use cases need from the outside.
#[derive(Clone)]
pub struct Ports {
    /// Where users and sessions are kept.
    pub storage: Arc<dyn Storage>,
    /// How users are read.
    pub queries: Arc<dyn UserQueries>,
    /// How sessions and sign-ins are read.
    pub sessions: Arc<dyn SessionQueries>,
    /// What is kept in memory about sessions.
    pub directory: Arc<dyn AccessDirectory>,
    /// Told of what was committed.
    pub listener: Arc<dyn ChangeListener>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdGenerator>,
    /// New secrets.
    pub secrets: Arc<dyn SecretGenerator>,
    /// Signed access tokens.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// Slow work on passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// How good a password is.
    pub strength: Arc<dyn PasswordStrength>,
    /// Pauses between attempts.
    pub backoff: Arc<dyn Backoff>,
    /// Sealed page cursors.
    pub cursors: Arc<dyn CursorSealer>,
}
