//! Copies that lie where others may look.

use crate::values::Digest;

/// Seals copies of what is stored, and gives them names. Every process that shares a database has the same key.
pub trait CopySealer: Send + Sync {
    /// A text of ASCII that hides `plain` and is good only together with `bound_to`.
    fn seal(&self, plain: &[u8], bound_to: &[u8]) -> String;

    /// What [`seal`](Self::seal) was given with the same `bound_to`; `None` for anything else.
    fn open(&self, sealed: &str, bound_to: &[u8]) -> Option<Vec<u8>>;

    /// What stands for these parts, under a key. Other parts, or the same bytes divided otherwise, have another name.
    fn name(&self, parts: &[&[u8]]) -> Digest;
}
