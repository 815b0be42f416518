//! Showing that events and checkpoints are the service's own.

use crate::values::Digest;

/// Authenticates events and signs checkpoints. Every process that shares a database has the same key.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait AuditSigner: Send + Sync {
    /// A code over an event's canonical form that nobody can make without the key (HMAC-SHA256).
    fn authenticate(&self, canonical: &[u8]) -> Digest;

    /// Whether [`authenticate`](Self::authenticate) made the code, with this key or with an earlier one that is known here.
    fn is_authentic(&self, canonical: &[u8], code: &Digest) -> bool;

    /// An Ed25519 signature (RFC 8032).
    fn sign(&self, message: &[u8]) -> [u8; 64];

    /// Whether the key of this id, if it is known here, made the signature.
    fn is_signed(&self, key_id: &str, message: &[u8], signature: &[u8; 64]) -> bool;

    /// The name of the key that signs: the first 16 hexadecimal digits of the SHA-256 of the public key.
    fn key_id(&self) -> String;

    /// The public key that belongs to it.
    fn public_key(&self) -> [u8; 32];
}
