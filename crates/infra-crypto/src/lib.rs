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

mod bcrypt_hash;
mod bcrypt_hasher;
mod cursor_seal;
mod encryption_key;
mod ids;
mod imported;
mod job_queue;
mod pool;
mod secrets;
mod stored_hash;
mod strength;
mod thread_time;
mod tokens;
mod verification;

pub use bcrypt_hasher::{BcryptHasher, BcryptSettings, StartHasherError};
pub use cursor_seal::XChaChaCursorSealer;
pub use encryption_key::EncryptionKey;
pub use ids::UuidV7Generator;
pub use secrets::HmacSecretGenerator;
pub use tokens::{
    AsymmetricAlgorithm, AsymmetricKeys, JwtSecret, JwtSettings, JwtTokens, ReadKeyError, ShortJwtSecret, SigningKeys,
};
