//! Pauses between attempts.

use async_trait::async_trait;

/// Decides how often and when a unit of work that lost is tried again.
pub trait Backoff: Send + Sync {
    /// The attempts of one use case; its time begins now.
    fn start(&self) -> Box<dyn Attempts>;
}

/// The attempts of one use case.
#[async_trait]
pub trait Attempts: Send {
    /// Pauses, then says whether to try once more; `false`, at once, when the time is up.
    async fn another(&mut self) -> bool;
}
