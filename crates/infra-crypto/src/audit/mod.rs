//! Signing the audit trail, and checking the signatures with the key and without it.

mod public_key;
mod signer;

pub use public_key::{AuditPublicKey, ReadPublicKeyError};
pub use signer::Ed25519AuditSigner;
