//! Threads of low priority for work that burns a core.
//!
//! At the priority of the server's own threads, or without an end to the queue, hashing would hold every other request
//! up. On spare cores nice 19 costs the hashes nothing.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::job_queue::{Job, JobQueue, JobTimes, Kind, QueueFull};

/// Threads at low priority and their queue. Dropping it ends the threads, each after the job it is at; jobs that still
/// wait are dropped.
pub(crate) struct LowPriorityPool {
    queue: Arc<JobQueue>,
}

/// Why a job has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PoolError {
    #[error("too much work is waiting")]
    Full { retry_after: Duration },
    /// It panicked, or the pool was dropped while it waited.
    #[error("the work did not finish")]
    Lost,
}

impl LowPriorityPool {
    /// Starts `threads` threads named `<name>-0`, `<name>-1` and so on. `job_times` are how long jobs are expected to
    /// take until some have been seen.
    pub(crate) fn start(name: &str, threads: usize, job_times: JobTimes) -> io::Result<Self> {
        // Made first, so that a thread that cannot be started ends those that were.
        let pool = Self { queue: Arc::new(JobQueue::new(threads, job_times)) };
        for number in 0..threads {
            let queue = Arc::clone(&pool.queue);
            thread::Builder::new().name(format!("{name}-{number}")).spawn(move || work_off(&queue))?;
        }
        Ok(pool)
    }

    /// Runs `work` on one of the threads. Dropping the future before the work has begun takes it out of the queue.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        kind: Kind,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let (reply, result) = oneshot::channel();
        let full = |QueueFull { retry_after }| PoolError::Full { retry_after };
        self.queue.push(kind, Box::new(Task { work, reply })).map_err(full)?;
        result.await.map_err(|_| PoolError::Lost)
    }

    /// How many jobs wait for a thread.
    pub(crate) fn queued(&self) -> usize {
        self.queue.len()
    }
}

impl Drop for LowPriorityPool {
    fn drop(&mut self) {
        self.queue.close();
    }
}

struct Task<T, W> {
    work: W,
    reply: oneshot::Sender<T>,
}

impl<T: Send, W: FnOnce() -> T + Send> Job for Task<T, W> {
    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn run(self: Box<Self>) {
        let Self { work, reply } = *self;
        // After a panic the reply is dropped, which is how the caller learns of it.
        if let Ok(result) = catch_unwind(AssertUnwindSafe(work)) {
            // The caller may have gone meanwhile.
            let _ = reply.send(result);
        }
    }
}

fn work_off(queue: &JobQueue) {
    lower_priority();
    while let Some((kind, job)) = queue.next() {
        if job.is_wanted() {
            let started = Instant::now();
            job.run();
            queue.learn(kind, started.elapsed());
        }
    }
}

#[cfg(target_os = "linux")]
fn lower_priority() {
    // On Linux this is the calling thread's own nice value, and raising it needs no privilege.
    if let Err(error) = rustix::process::setpriority_process(None, 19) {
        tracing::warn!(%error, "hashing keeps the normal priority, so it may slow other requests down");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use tokio::task::JoinHandle;

    use super::*;

    const SLOW: Duration = Duration::from_millis(250);

    fn pool(threads: usize) -> Arc<LowPriorityPool> {
        Arc::new(LowPriorityPool::start("test", threads, JobTimes { verify: SLOW, hash: SLOW, assess: SLOW }).unwrap())
    }

    #[expect(clippy::disallowed_methods, reason = "the runtime of a test ends with the test")]
    fn call<T: Send + 'static>(
        pool: &Arc<LowPriorityPool>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<Result<T, PoolError>> {
        let pool = Arc::clone(pool);
        tokio::spawn(async move { pool.run(Kind::Hash, work).await })
    }

    /// Keeps a thread of `pool` busy until the sender is dropped.
    async fn occupy(pool: &Arc<LowPriorityPool>) -> mpsc::Sender<()> {
        let (release, released) = mpsc::channel();
        let (tell, busy) = oneshot::channel();
        call(pool, move || {
            let _ = tell.send(());
            let _ = released.recv();
        });
        busy.await.unwrap();
        release
    }

    async fn until(condition: impl Fn() -> bool) {
        for _ in 0..500 {
            if condition() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it did not become true in 5 s");
    }

    #[tokio::test]
    async fn work_runs_and_its_result_comes_back() {
        assert_eq!(pool(2).run(Kind::Hash, || 6 * 7).await.unwrap(), 42);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_takes_work_again_later() {
        let pool = pool(1);
        let release = occupy(&pool).await;
        for _ in 0..64 {
            call(&pool, || ());
        }
        until(|| pool.queued() == 64).await;

        let refused = pool.run(Kind::Hash, || ()).await.unwrap_err();

        assert!(matches!(refused, PoolError::Full { retry_after } if retry_after == SLOW * 64));
        drop(release);
        until(|| pool.queued() == 0).await;
        pool.run(Kind::Hash, || ()).await.expect("there is room again");
    }

    #[tokio::test]
    async fn a_job_whose_caller_has_gone_is_skipped() {
        let pool = pool(1);
        let release = occupy(&pool).await;
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&runs);
        let caller = call(&pool, move || counted.fetch_add(1, Ordering::Relaxed));
        until(|| pool.queued() == 1).await;

        caller.abort();
        let _ = caller.await;
        drop(release);
        pool.run(Kind::Hash, || ()).await.unwrap();

        assert_eq!(runs.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_panic_costs_one_job_and_no_thread() {
        let pool = pool(1);

        let lost = pool.run(Kind::Hash, || panic!("a job panicked, as this test wants")).await;

        assert!(matches!(lost, Err(PoolError::Lost)));
        assert_eq!(pool.run(Kind::Hash, || 1).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn dropping_the_pool_ends_its_threads() {
        let pool = pool(3);
        pool.run(Kind::Hash, || ()).await.unwrap();
        let queue = Arc::clone(&pool.queue);
        assert_eq!(Arc::strong_count(&queue), 5, "the pool's, three threads' and the test's");

        drop(pool);

        until(|| Arc::strong_count(&queue) == 1).await;
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn its_threads_are_named_and_nice_and_the_others_are_not() {
        let who = || {
            let nice = rustix::process::getpriority_process(None).unwrap();
            (thread::current().name().map(str::to_owned), nice)
        };
        let (_, before) = who();

        assert_eq!(pool(1).run(Kind::Hash, who).await.unwrap(), (Some("test-0".to_owned()), 19));
        assert_eq!(who().1, before);
    }
}
