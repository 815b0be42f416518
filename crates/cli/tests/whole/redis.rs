//! A Redis that replicas share.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::database::server;

/// Whether the replicas have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    Nothing,
    Redis,
}

impl Beside {
    /// What `REDIS_URL` is, empty without one; nothing where this machine has none for a test that needs it.
    pub(crate) fn url(self) -> Option<String> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        if self == Self::Nothing {
            return Some(String::new());
        }
        // One of the sixteen that a server has: counters of tests side by side seldom meet.
        let number = (process::id() + NUMBER.fetch_add(1, Ordering::Relaxed)) % 16;
        Some(format!("{}/{number}", server("Redis", "TEST_REDIS_URL")?))
    }
}
