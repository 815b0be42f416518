//! Trying a unit of work again that lost against another.

use domain::ports::Backoff;

/// An error that may go away when the same work is done again.
pub(crate) trait Retryable {
    /// Whether it may.
    fn is_retryable(&self) -> bool;
}

/// Runs `attempt` until it succeeds, fails for good, or the time of `backoff` is up.
///
/// Ids, times and hashes are made before, so that each attempt does the same.
pub(crate) async fn retry<T, E, F>(backoff: &dyn Backoff, mut attempt: impl FnMut() -> F) -> Result<T, E>
where
    E: Retryable,
    F: Future<Output = Result<T, E>>,
{
    let mut attempts = backoff.start();
    loop {
        match attempt().await {
            Err(error) if error.is_retryable() && attempts.another().await => {}
            result => return result,
        }
    }
}
