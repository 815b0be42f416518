//! What is kept of requests that are carried out once.

use crate::values::Digest;

/// Seals what came of a request, and makes what requests are known by. Every process that shares a database has the same
/// key.
pub trait OutcomeSealer: Send + Sync {
    /// A text of ASCII that hides `plain` and is good only together with `bound_to`.
    fn seal(&self, plain: &[u8], bound_to: &[u8]) -> String;

    /// What [`seal`](Self::seal) was given with the same `bound_to`; `None` for anything else.
    fn open(&self, sealed: &str, bound_to: &[u8]) -> Option<Vec<u8>>;

    /// What stands for these parts, under a key, as they may hold a password. Other parts, or the same bytes divided
    /// otherwise, have another fingerprint.
    fn fingerprint(&self, parts: &[&[u8]]) -> Digest;
}
