//! Work that ends although its client left.
//!
//! A connection whose client goes away drops the handler in the middle of whatever it awaits. A write must not stop
//! there: between two statements it would leave a connection inside a transaction, behind the commit it would skip what
//! has to follow. So writes run in tasks of their own, which are counted, so that stopping can wait for them.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::problem::Problem;

/// The most writes at once, far more than any database takes at a time.
const MOST: usize = 4096;

/// Runs writes to their end.
#[derive(Clone)]
pub(crate) struct WriteTasks {
    runtime: Handle,
    running: watch::Sender<usize>,
}

impl WriteTasks {
    /// Runs writes on this runtime, which must outlive the server's threads.
    pub(crate) fn new(runtime: Handle) -> Self {
        Self { runtime, running: watch::Sender::new(0) }
    }

    /// Runs `work` to its end, awaited or not.
    ///
    /// # Errors
    ///
    /// That of `work`, an internal problem if it panicked, or [`Unavailable`](crate::error_code::ErrorCode::Unavailable) if too many
    /// run already: they go on when their clients have left, so nothing else bounds them.
    pub(crate) async fn run_to_end<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Send + 'static,
        Problem: From<E>,
    {
        if *self.running.borrow() >= MOST {
            return Err(Problem::unavailable("too many changes are under way"));
        }
        let counted = Counted::one_more(&self.running);
        let task = self.runtime.spawn(async move {
            let _counted = counted;
            work.await
        });
        match task.await {
            Ok(result) => result.map_err(Problem::from),
            Err(error) => Err(Problem::internal(error)),
        }
    }

    /// Runs `work` to its end without waiting for it.
    pub(crate) fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        let counted = Counted::one_more(&self.running);
        self.runtime.spawn(async move {
            let _counted = counted;
            work.await;
        });
    }

    /// Waits until no write runs, but not longer than `time`; whether none does then.
    pub(crate) async fn wait_idle(&self, time: Duration) -> bool {
        let mut running = self.running.subscribe();
        tokio::time::timeout(time, running.wait_for(|count| *count == 0)).await.is_ok()
    }
}

/// One running write, counted until it is dropped.
struct Counted(watch::Sender<usize>);

impl Counted {
    fn one_more(running: &watch::Sender<usize>) -> Self {
        running.send_modify(|count| *count += 1);
        Self(running.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn work_ends_although_nobody_waits_for_it() {
        let tasks = WriteTasks::new(Handle::current());
        let is_done = Arc::new(AtomicBool::new(false));
        let done = Arc::clone(&is_done);
        let work = async move {
            tokio::time::sleep(Duration::from_millis(30)).await;
            done.store(true, Ordering::Relaxed);
            Ok::<(), Problem>(())
        };
        let impatient = tokio::time::timeout(Duration::from_millis(1), tasks.run_to_end(work)).await;
        assert!(impatient.is_err());
        assert!(tasks.wait_idle(Duration::from_secs(5)).await);
        assert!(is_done.load(Ordering::Relaxed));
    }

    #[tokio::test]
    async fn waiting_for_endless_work_ends() {
        let tasks = WriteTasks::new(Handle::current());
        let endless = std::future::pending::<Result<(), Problem>>();
        let _ = tokio::time::timeout(Duration::from_millis(1), tasks.run_to_end(endless)).await;
        assert!(!tasks.wait_idle(Duration::from_millis(5)).await);
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_problem() {
        let tasks = WriteTasks::new(Handle::current());
        let work = async { std::panic::resume_unwind(Box::new("on purpose")) };
        let problem = tasks.run_to_end::<(), Problem>(work).await.unwrap_err();
        assert_eq!(problem.code().as_str(), "internal");
        assert!(tasks.wait_idle(Duration::ZERO).await);
    }
}
