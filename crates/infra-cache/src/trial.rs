//! What the tests of both directories have in common.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// For what should happen at once.
const PATIENCE: Duration = Duration::from_secs(4);

/// How long threads are let loose.
const LASTING: Duration = Duration::from_secs(2);

/// Lets everybody go on until all wait.
pub(crate) async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

/// The other end of a database whose answers come when the test says so.
pub(crate) struct Questions<Q>(pub(crate) mpsc::UnboundedReceiver<Q>);

impl<Q> Questions<Q> {
    pub(crate) async fn next(&mut self) -> Q {
        timeout(PATIENCE, self.0.recv()).await.expect("a query is made").expect("the directory lives")
    }

    /// How many were asked and not looked at.
    pub(crate) fn waiting(&self) -> usize {
        self.0.len()
    }
}

/// Somebody who waits. Dropping it is leaving.
pub(crate) struct Asker<A>(JoinSet<A>);

impl<A: Send + 'static> Asker<A> {
    pub(crate) fn of(question: impl Future<Output = A> + Send + 'static) -> Self {
        let mut set = JoinSet::new();
        set.spawn(question);
        Self(set)
    }

    pub(crate) async fn answer(mut self) -> A {
        let answer = timeout(PATIENCE, self.0.join_next()).await.expect("an answer is given");
        answer.expect("it was asked").expect("it does not panic")
    }
}

/// A row that threads change: its version as it is stored, and as it was when a change of it was last told.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) stored: AtomicI64,
    pub(crate) told: AtomicI64,
}

/// Waits a random while.
pub(crate) async fn linger() {
    for _ in 0..fastrand::u32(0..8) {
        tokio::task::yield_now().await;
    }
}

/// Threads that change, tell and read at once, for as long as it takes to meet what is rare. `reads_something_old` says
/// whether an answer was from before what was told of before the question.
pub(crate) fn stress<Reading>(reads_something_old: impl Fn() -> Reading + Sync, change: impl Fn() + Sync)
where
    Reading: Future<Output = bool>,
{
    let is_over = AtomicBool::new(false);
    let (old, read, changed) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(async {
                    while !is_over.load(Ordering::Relaxed) {
                        let (first, second, third) =
                            tokio::join!(reads_something_old(), reads_something_old(), reads_something_old());
                        old.fetch_add([first, second, third].map(u64::from).iter().sum(), Ordering::Relaxed);
                        read.fetch_add(3, Ordering::Relaxed);
                    }
                });
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    change();
                    changed.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(Duration::from_micros(fastrand::u64(0..200)));
                }
            });
        }
        thread::sleep(LASTING);
        is_over.store(true, Ordering::Relaxed);
    });
    let (old, read, changed) = (old.into_inner(), read.into_inner(), changed.into_inner());
    assert_eq!(old, 0, "of {read} answers beside {changed} changes");
    assert!(read > 1_000 && changed > 100, "{read} answers beside {changed} changes show little");
}
