//! Tokens whose signature was checked, so that it is checked once.

use std::time::{Duration, Instant};

use moka::Expiry;
use moka::sync::Cache;

use super::claims::Verified;

/// Of so many sessions at a time; about ten megabytes. Those that are seldom used give way.
const MOST_TOKENS: u64 = 32_768;

/// The SHA-256 of a token: a dump of the memory shows no token that could be used.
pub(super) type TokenDigest = [u8; 32];

/// Verified tokens by digest. Each is kept until its time is over, which is to save memory: whether it is valid is
/// looked at with the caller's clock, every time.
pub(super) struct VerifiedTokens(Cache<TokenDigest, Entry>);

#[derive(Clone)]
struct Entry {
    verified: Verified,
    keep_for: Duration,
}

impl VerifiedTokens {
    pub(super) fn new() -> Self {
        Self(Cache::builder().max_capacity(MOST_TOKENS).expire_after(WhileValid).build())
    }

    pub(super) fn find(&self, digest: &TokenDigest) -> Option<Verified> {
        self.0.get(digest).map(|entry| entry.verified)
    }

    /// Only of a token that is valid, so that nobody without one can fill the memory.
    pub(super) fn keep(&self, digest: TokenDigest, verified: Verified, keep_for: Duration) {
        self.0.insert(digest, Entry { verified, keep_for });
    }

    #[cfg(test)]
    pub(super) fn holds(&self, digest: &TokenDigest) -> bool {
        self.0.contains_key(digest)
    }
}

struct WhileValid;

impl Expiry<TokenDigest, Entry> for WhileValid {
    fn expire_after_create(&self, _: &TokenDigest, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.keep_for)
    }
}
