//! What the use cases need from the outside.

use std::sync::Arc;

use domain::ports::{
    AccessDirectory, AccessTokens, AuditChain, AuditQueries, AuditSigner, Backoff, ChangeListener, Clock, CursorSealer,
    IdGenerator, Leases, OutcomeSealer, PasswordHasher, PasswordStrength, SecretGenerator, SessionQueries, Storage,
    SubjectSealer, UserDirectory, UserQueries,
};

use crate::{Keyring, ReadReplica};

/// What the use cases need from the outside.
#[derive(Clone)]
pub struct Ports {
    /// Where users and sessions are kept.
    pub storage: Arc<dyn Storage>,
    /// How users are read.
    pub queries: Arc<dyn UserQueries>,
    /// Users by their ids, perhaps from memory: for showing them, and for nothing that decides about a change.
    pub shown_users: Arc<dyn UserDirectory>,
    /// A copy of the database that is read from where nobody can tell, if there is one.
    pub replica: Option<Arc<ReadReplica>>,
    /// How sessions and sign-ins are read.
    pub sessions: Arc<dyn SessionQueries>,
    /// How the audit trail is read.
    pub audit: Arc<dyn AuditQueries>,
    /// The chain of events.
    pub chain: Arc<dyn AuditChain>,
    /// One process at a time.
    pub leases: Arc<dyn Leases>,
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
    /// People's keys.
    pub subject_sealer: Arc<dyn SubjectSealer>,
    /// People's keys in memory.
    pub keyring: Keyring,
    /// Codes over events and signatures of checkpoints.
    pub audit_signer: Arc<dyn AuditSigner>,
    /// Sealed outcomes of requests that are carried out once.
    pub outcome_sealer: Arc<dyn OutcomeSealer>,
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
