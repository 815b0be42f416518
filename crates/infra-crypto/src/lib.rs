//! Password hashing on a bounded pool, sealing and randomness: the ports of `domain` that need cryptography.
//!
//! | port | here |
//! |---|---|
//! | [`PasswordHasher`](domain::ports::PasswordHasher) | [`BcryptHasher`] |
//! | [`PasswordStrength`](domain::ports::PasswordStrength) | [`BcryptHasher`] |
//! | [`IdGenerator`](domain::ports::IdGenerator) | [`UuidV7Generator`] |
//! | [`CursorSealer`](domain::ports::CursorSealer) | [`XChaChaCursorSealer`] |
//! | [`AccessTokens`](domain::ports::AccessTokens) | [`JwtTokens`] |
//! | [`SecretGenerator`](domain::ports::SecretGenerator) | [`HmacSecretGenerator`] |
//! | [`SubjectSealer`](domain::ports::SubjectSealer) | [`XChaChaSubjectSealer`] |
//! | [`CopySealer`](domain::ports::CopySealer) | [`XChaChaCopySealer`] |
//! | [`OutcomeSealer`](domain::ports::OutcomeSealer) | [`XChaChaOutcomeSealer`] |
//! | [`AuditSigner`](domain::ports::AuditSigner) | [`Ed25519AuditSigner`] |
//!
//! [`AuditPublicKey`] checks signatures without any key, and [`is_readable_hash`] tells an import which hashes are any use.

mod audit;
mod bcrypt_hash;
mod bcrypt_hasher;
mod copy_seal;
mod cursor_seal;
mod encryption_key;
mod hmac_sha256;
mod ids;
mod imported;
mod job_queue;
mod outcome_seal;
mod pool;
mod sealing;
mod secrets;
mod stored_hash;
mod strength;
mod subject_keys;
mod thread_time;
mod tokens;
mod verification;

pub use audit::{AuditPublicKey, Ed25519AuditSigner, ReadPublicKeyError};
pub use bcrypt_hasher::{BcryptHasher, BcryptSettings, StartHasherError};
pub use copy_seal::XChaChaCopySealer;
pub use cursor_seal::XChaChaCursorSealer;
pub use encryption_key::EncryptionKey;
pub use ids::UuidV7Generator;
pub use outcome_seal::XChaChaOutcomeSealer;
pub use secrets::HmacSecretGenerator;
pub use subject_keys::XChaChaSubjectSealer;
pub use tokens::{
    AsymmetricAlgorithm, AsymmetricKeys, JwtSecret, JwtSettings, JwtTokens, ReadKeyError, ShortJwtSecret, SigningKeys,
};
pub use verification::is_readable_hash;
