//! A queue that refuses a job which would have to wait too long, and that says when to come again.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a job may be expected to wait for a thread.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// This many jobs may wait however slow they are: a burst of logins is normal.
const SHORTEST_QUEUE: usize = 64;

/// Something to be done for somebody who may have gone by then.
pub(crate) trait Job: Send {
    /// Whether somebody still waits for the result.
    fn is_wanted(&self) -> bool;
    /// Does it. Never panics.
    fn run(self: Box<Self>);
}

/// Jobs in the order they came, for a known number of threads.
pub(crate) struct JobQueue {
    state: Mutex<State>,
    changed: Condvar,
    threads: u32,
}

struct State {
    jobs: VecDeque<Box<dyn Job>>,
    job_time: Duration,
    closed: bool,
}

/// Too many jobs wait already.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct QueueFull {
    /// When those are expected to have found a thread.
    pub(crate) retry_after: Duration,
}

impl JobQueue {
    /// `job_time` is how long a job is expected to take until some have been seen.
    pub(crate) fn new(threads: usize, job_time: Duration) -> Self {
        Self {
            state: Mutex::new(State { jobs: VecDeque::new(), job_time, closed: false }),
            changed: Condvar::new(),
            threads: u32::try_from(threads).unwrap_or(u32::MAX).max(1),
        }
    }

    /// Puts a job at the end.
    pub(crate) fn push(&self, job: Box<dyn Job>) -> Result<(), QueueFull> {
        let mut state = self.state();
        if self.is_full(&state) {
            // Callers that have gone must not keep out those that are here.
            state.jobs.retain(|job| job.is_wanted());
        }
        if self.is_full(&state) {
            return Err(QueueFull { retry_after: self.expected_wait(&state) });
        }
        state.jobs.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// The oldest job, waiting for one if need be; `None` once the queue is closed.
    pub(crate) fn next(&self) -> Option<Box<dyn Job>> {
        let idle = |state: &mut State| state.jobs.is_empty() && !state.closed;
        self.changed.wait_while(self.state(), idle).unwrap_or_else(PoisonError::into_inner).jobs.pop_front()
    }

    /// Takes into account what a job really took, other work on the machine included. Slowly: at low priority a job may
    /// lose its core for a while, and one such must not look like a slow machine.
    pub(crate) fn learn(&self, took: Duration) {
        let mut state = self.state();
        state.job_time = state.job_time.saturating_mul(31).saturating_add(took) / 32;
    }

    /// How many jobs wait.
    pub(crate) fn len(&self) -> usize {
        self.state().jobs.len()
    }

    /// Drops the jobs that wait and lets every thread go home.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.jobs.clear();
        drop(state);
        self.changed.notify_all();
    }

    fn is_full(&self, state: &State) -> bool {
        state.jobs.len() >= SHORTEST_QUEUE && self.expected_wait(state) >= LONGEST_WAIT
    }

    fn expected_wait(&self, state: &State) -> Duration {
        state.job_time.saturating_mul(u32::try_from(state.jobs.len()).unwrap_or(u32::MAX)) / self.threads
    }

    /// Nothing is half done under the lock when a job's destructor panics there, so a poisoned one is as good.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// As slow as bcrypt of cost 12.
    const SLOW: Duration = Duration::from_millis(250);
    const QUICK: Duration = Duration::from_millis(10);

    struct Wanted(Arc<AtomicBool>);

    impl Job for Wanted {
        fn is_wanted(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }

        fn run(self: Box<Self>) {}
    }

    fn job() -> Box<dyn Job> {
        Box::new(Wanted(Arc::new(AtomicBool::new(true))))
    }

    fn push_until_full(queue: &JobQueue) -> (usize, QueueFull) {
        for taken in 0..100_000 {
            if let Err(full) = queue.push(job()) {
                return (taken, full);
            }
        }
        panic!("the queue has no end");
    }

    #[test]
    fn sixty_four_slow_jobs_may_wait_and_no_more() {
        let (taken, full) = push_until_full(&JobQueue::new(2, SLOW));

        assert_eq!((taken, full.retry_after), (64, Duration::from_secs(8)));
    }

    #[test]
    fn as_many_quick_jobs_may_wait_as_two_seconds_do() {
        assert_eq!(push_until_full(&JobQueue::new(1, QUICK)), (200, QueueFull { retry_after: LONGEST_WAIT }));
        assert_eq!(push_until_full(&JobQueue::new(3, QUICK)), (600, QueueFull { retry_after: LONGEST_WAIT }));
    }

    #[test]
    fn there_is_room_again_when_a_thread_takes_a_job() {
        let queue = JobQueue::new(1, SLOW);
        push_until_full(&queue);

        queue.next().unwrap();

        assert_eq!(queue.push(job()), Ok(()));
        assert!(queue.push(job()).is_err());
    }

    #[test]
    fn callers_that_have_gone_do_not_keep_the_queue_full() {
        let queue = JobQueue::new(1, SLOW);
        let wanted = Arc::new(AtomicBool::new(true));
        queue.push(Box::new(Wanted(Arc::clone(&wanted)))).unwrap();
        push_until_full(&queue);

        wanted.store(false, Ordering::Relaxed);

        assert_eq!(queue.push(job()), Ok(()));
        assert_eq!(queue.len(), 64);
    }

    #[test]
    fn the_wait_follows_what_jobs_really_take() {
        let queue = JobQueue::new(1, QUICK);
        for _ in 0..500 {
            queue.learn(QUICK * 2);
        }
        let (taken, _) = push_until_full(&queue);
        assert!((100..=101).contains(&taken), "{taken} jobs of 20 ms in 2 s");
    }

    #[test]
    fn absurd_times_neither_overflow_nor_open_the_queue() {
        let queue = JobQueue::new(usize::MAX, Duration::MAX);
        queue.learn(Duration::MAX);
        assert_eq!(JobQueue::new(0, Duration::MAX).push(job()), Ok(()));
        assert_eq!(push_until_full(&queue).0, 64);
    }

    #[test]
    fn a_closed_queue_has_nothing_left() {
        let queue = JobQueue::new(1, SLOW);
        queue.push(job()).unwrap();

        queue.close();

        assert!(queue.next().is_none());
        assert_eq!(queue.len(), 0);
    }
}
