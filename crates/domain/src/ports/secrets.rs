//! Secrets that the service gives out, and what it keeps of them.

use crate::values::{Digest, Nonce, SecretToken};

/// Makes tokens and what they are known by. Every process that shares a database has the same keys.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait SecretGenerator: Send + Sync {
    /// A new token of 256 random bits.
    fn token(&self) -> SecretToken;

    /// 256 random bits.
    fn nonce(&self) -> Nonce;

    /// The token that follows `token`, whose nonce this is: the same each time, and known to nobody without the key.
    fn successor(&self, token: &SecretToken, nonce: &Nonce) -> SecretToken;

    /// What a token is kept by: its SHA-256. It has enough randomness of its own to need no salt and no slow hash.
    fn digest(&self, token: &SecretToken) -> Digest;

    /// What stands for a text that is not kept itself, under a key: names and networks can be guessed. One text has another
    /// pseudonym for each purpose.
    fn pseudonym(&self, purpose: &str, text: &str) -> Digest;
}
