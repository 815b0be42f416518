//! A queue that refuses a job which would have to wait too long, and that says when to come again.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a job may be expected to wait for a thread.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// This many jobs may wait however slow they are: a burst of logins is normal.
const SHORTEST_QUEUE: usize = 64;

/// How long a job of each kind takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JobTimes {
    pub(crate) verify: Duration,
    pub(crate) hash: Duration,
    pub(crate) assess: Duration,
}

/// Something to be done for somebody who may have gone by then.
pub(crate) trait Job: Send {
    /// Whether somebody still waits for the result.
    fn is_wanted(&self) -> bool;
    /// Does it. Never panics.
    fn run(self: Box<Self>);
}

/// What a job is for. Each kind has its own line, and those who wait in one cannot hold up another: threads take from
/// the lines in turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Compares a password: somebody wants to sign in.
    Verify,
    /// Hashes a new password. An import may bring many.
    Hash,
    /// Guesses how strong a password is.
    Assess,
}

/// Jobs in the order they came, by kind, for a known number of threads.
pub(crate) struct JobQueue {
    state: Mutex<State>,
    changed: Condvar,
    threads: u32,
}

struct State {
    /// The line whose turn it is comes first.
    lines: VecDeque<Line>,
    closed: bool,
}

struct Line {
    kind: Kind,
    jobs: VecDeque<Box<dyn Job>>,
    job_time: Duration,
}

/// Too many jobs wait already.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct QueueFull {
    /// When those are expected to have found a thread.
    pub(crate) retry_after: Duration,
}

impl JobQueue {
    /// `job_times` are how long jobs are expected to take until some have been seen.
    pub(crate) fn new(threads: usize, job_times: JobTimes) -> Self {
        let JobTimes { verify, hash, assess } = job_times;
        let lines = [(Kind::Verify, verify), (Kind::Hash, hash), (Kind::Assess, assess)];
        let lines = lines.map(|(kind, job_time)| Line { kind, jobs: VecDeque::new(), job_time });
        Self {
            state: Mutex::new(State { lines: lines.into(), closed: false }),
            changed: Condvar::new(),
            threads: u32::try_from(threads).unwrap_or(u32::MAX).max(1),
        }
    }

    /// Puts a job at the end of the line of its kind.
    pub(crate) fn push(&self, kind: Kind, job: Box<dyn Job>) -> Result<(), QueueFull> {
        let mut state = self.state();
        if self.is_full(&state, kind) {
            // Callers that have gone must not keep out those that are here.
            state.lines.iter_mut().for_each(|line| line.jobs.retain(|job| job.is_wanted()));
        }
        if self.is_full(&state, kind) {
            return Err(QueueFull { retry_after: self.expected_wait(&state, kind) });
        }
        state.line(kind).jobs.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// The oldest job of the next kind that has one, waiting for one if need be; `None` once the queue is closed.
    pub(crate) fn next(&self) -> Option<(Kind, Box<dyn Job>)> {
        let idle = |state: &mut State| state.len() == 0 && !state.closed;
        self.changed.wait_while(self.state(), idle).unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Takes into account what a job really took, other work on the machine included. Slowly: at low priority a job may
    /// lose its core for a while, and one such must not look like a slow machine.
    pub(crate) fn learn(&self, kind: Kind, took: Duration) {
        let mut state = self.state();
        let line = state.line(kind);
        line.job_time = line.job_time.saturating_mul(31).saturating_add(took) / 32;
    }

    /// How many jobs wait.
    pub(crate) fn len(&self) -> usize {
        self.state().len()
    }

    /// Drops the jobs that wait and lets every thread go home.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.lines.iter_mut().for_each(|line| line.jobs.clear());
        drop(state);
        self.changed.notify_all();
    }

    fn is_full(&self, state: &State, kind: Kind) -> bool {
        state.waiting(kind) >= SHORTEST_QUEUE && self.expected_wait(state, kind) >= LONGEST_WAIT
    }

    /// As lines take turns, no more jobs of another kind come before a job than jobs of its own.
    fn expected_wait(&self, state: &State, kind: Kind) -> Duration {
        let ahead = state.waiting(kind);
        let wait = |line: &Line| {
            let jobs = u32::try_from(line.jobs.len().min(ahead)).unwrap_or(u32::MAX);
            line.job_time.saturating_mul(jobs)
        };
        state.lines.iter().map(wait).fold(Duration::ZERO, Duration::saturating_add) / self.threads
    }

    /// Nothing is half done under the lock when a job's destructor panics there, so a poisoned one is as good.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn len(&self) -> usize {
        self.lines.iter().map(|line| line.jobs.len()).sum()
    }

    fn line(&mut self, kind: Kind) -> &mut Line {
        self.lines.iter_mut().find(|line| line.kind == kind).expect("there is a line of each kind")
    }

    fn waiting(&self, kind: Kind) -> usize {
        self.lines.iter().find(|line| line.kind == kind).map_or(0, |line| line.jobs.len())
    }

    /// Takes a job from the first line that has one; that line is last from then on.
    fn pop(&mut self) -> Option<(Kind, Box<dyn Job>)> {
        let at = self.lines.iter().position(|line| !line.jobs.is_empty())?;
        let mut line = self.lines.remove(at)?;
        let job = line.jobs.pop_front();
        let kind = line.kind;
        self.lines.push_back(line);
        job.map(|job| (kind, job))
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

    fn queue_of(threads: usize, job_time: Duration) -> JobQueue {
        JobQueue::new(threads, JobTimes { verify: job_time, hash: job_time, assess: job_time })
    }

    fn push_until_full(queue: &JobQueue) -> (usize, QueueFull) {
        push_kind_until_full(queue, Kind::Verify)
    }

    fn push_kind_until_full(queue: &JobQueue, kind: Kind) -> (usize, QueueFull) {
        for taken in 0..100_000 {
            if let Err(full) = queue.push(kind, job()) {
                return (taken, full);
            }
        }
        panic!("the queue has no end");
    }

    #[test]
    fn sixty_four_slow_jobs_may_wait_and_no_more() {
        let (taken, full) = push_until_full(&queue_of(2, SLOW));

        assert_eq!((taken, full.retry_after), (64, Duration::from_secs(8)));
    }

    #[test]
    fn as_many_quick_jobs_may_wait_as_two_seconds_do() {
        assert_eq!(push_until_full(&queue_of(1, QUICK)), (200, QueueFull { retry_after: LONGEST_WAIT }));
        assert_eq!(push_until_full(&queue_of(3, QUICK)), (600, QueueFull { retry_after: LONGEST_WAIT }));
    }

    #[test]
    fn there_is_room_again_when_a_thread_takes_a_job() {
        let queue = queue_of(1, SLOW);
        push_until_full(&queue);

        queue.next().unwrap();

        assert_eq!(queue.push(Kind::Verify, job()), Ok(()));
        assert!(queue.push(Kind::Verify, job()).is_err());
    }

    #[test]
    fn callers_that_have_gone_do_not_keep_the_queue_full() {
        let queue = queue_of(1, SLOW);
        let wanted = Arc::new(AtomicBool::new(true));
        queue.push(Kind::Verify, Box::new(Wanted(Arc::clone(&wanted)))).unwrap();
        push_until_full(&queue);

        wanted.store(false, Ordering::Relaxed);

        assert_eq!(queue.push(Kind::Verify, job()), Ok(()));
        assert_eq!(queue.len(), 64);
    }

    #[test]
    fn the_wait_follows_what_jobs_really_take() {
        let queue = queue_of(1, QUICK);
        for _ in 0..500 {
            queue.learn(Kind::Verify, QUICK * 2);
        }
        let (taken, _) = push_until_full(&queue);
        assert!((100..=101).contains(&taken), "{taken} jobs of 20 ms in 2 s");
    }

    #[test]
    fn absurd_times_neither_overflow_nor_open_the_queue() {
        let queue = queue_of(usize::MAX, Duration::MAX);
        queue.learn(Kind::Verify, Duration::MAX);
        assert_eq!(queue_of(0, Duration::MAX).push(Kind::Verify, job()), Ok(()));
        assert_eq!(push_until_full(&queue).0, 64);
    }

    #[test]
    fn a_closed_queue_has_nothing_left() {
        let queue = queue_of(1, SLOW);
        queue.push(Kind::Verify, job()).unwrap();

        queue.close();

        assert!(queue.next().is_none());
        assert_eq!(queue.len(), 0);
    }

    fn next_kinds(queue: &JobQueue, number: usize) -> Vec<Kind> {
        (0..number).map(|_| queue.next().unwrap().0).collect()
    }

    #[test]
    fn kinds_take_turns_so_that_an_import_does_not_hold_sign_ins_up() {
        let queue = queue_of(1, SLOW);
        for kind in [Kind::Hash; 60].into_iter().chain([Kind::Verify; 2]).chain([Kind::Assess]) {
            queue.push(kind, job()).unwrap();
        }

        assert_eq!(next_kinds(&queue, 4), [Kind::Verify, Kind::Hash, Kind::Assess, Kind::Verify]);
        assert_eq!(next_kinds(&queue, 59), [Kind::Hash; 59]);
    }

    #[test]
    fn a_full_line_does_not_close_the_others() {
        let queue = queue_of(1, SLOW);

        assert_eq!(push_kind_until_full(&queue, Kind::Hash).0, 64);
        assert_eq!(push_kind_until_full(&queue, Kind::Verify).0, 64);
        assert_eq!(push_kind_until_full(&queue, Kind::Assess).0, 64);
    }

    #[test]
    fn the_expected_wait_counts_the_turns_of_the_others() {
        let queue = JobQueue::new(1, JobTimes { verify: QUICK, hash: SLOW, assess: QUICK });
        for _ in 0..10 {
            queue.push(Kind::Hash, job()).unwrap();
        }

        // The sign-ins alone would take 0.64 s.
        assert_eq!(push_until_full(&queue), (64, QueueFull { retry_after: QUICK * 64 + SLOW * 10 }));
    }

    #[test]
    fn no_more_of_another_kind_come_first_than_of_the_own() {
        let queue = queue_of(1, QUICK);

        assert_eq!(push_kind_until_full(&queue, Kind::Hash).0, 200);
        assert_eq!(push_until_full(&queue), (100, QueueFull { retry_after: LONGEST_WAIT }));
    }

    #[test]
    fn what_quick_jobs_take_says_nothing_of_slow_ones() {
        let queue = queue_of(1, SLOW);
        for _ in 0..500 {
            queue.learn(Kind::Assess, Duration::ZERO);
        }

        assert_eq!(push_until_full(&queue).0, 64);
    }
}
