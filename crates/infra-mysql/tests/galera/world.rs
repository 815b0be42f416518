//! The use cases on one node, with pauses between attempts as the service makes them, which are counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use application::{Ports, UserPolicy, Users};
use async_trait::async_trait;
use domain::ports::{Attempts, Backoff, Storage, UserQueries};
use domain::user::DeletedNames;
use infra_mysql::MySqlStorage;
use testkit::{FakeHasher, FixedClock, PlainCursors, SequentialIds};
use tokio::time::{Instant, sleep};

/// A replica of the service on each node.
pub(crate) struct World {
    /// One on each node.
    pub(crate) replicas: Vec<Users>,
    /// How often anything was tried again.
    pub(crate) retries: Arc<AtomicUsize>,
}

impl World {
    pub(crate) fn on(storages: Vec<MySqlStorage>) -> Self {
        let retries = Arc::new(AtomicUsize::new(0));
        let ids = Arc::new(SequentialIds::new());
        let replica = |storage: MySqlStorage| {
            let storage = Arc::new(storage);
            let ports = Ports {
                storage: Arc::<MySqlStorage>::clone(&storage) as Arc<dyn Storage>,
                queries: storage as Arc<dyn UserQueries>,
                clock: Arc::new(FixedClock::new()),
                ids: ids.clone(),
                hasher: Arc::new(FakeHasher::new()),
                backoff: Arc::new(Counted(Arc::clone(&retries))),
                cursors: Arc::new(PlainCursors),
            };
            let policy = UserPolicy { deleted_names: DeletedNames::Freed, protect_last_administrator: true };
            Users::new(ports, policy)
        };
        let replicas = storages.into_iter().map(replica).collect();
        Self { replicas, retries }
    }

    pub(crate) fn retries(&self) -> usize {
        self.retries.load(Ordering::Relaxed)
    }
}

struct Counted(Arc<AtomicUsize>);

impl Backoff for Counted {
    fn start(&self) -> Box<dyn Attempts> {
        let longest = Duration::from_millis(20);
        Box::new(Jittered { retries: Arc::clone(&self.0), deadline: Instant::now() + Duration::from_secs(3), longest })
    }
}

struct Jittered {
    retries: Arc<AtomicUsize>,
    deadline: Instant,
    longest: Duration,
}

#[async_trait]
impl Attempts for Jittered {
    async fn another(&mut self) -> bool {
        self.retries.fetch_add(1, Ordering::Relaxed);
        sleep(self.longest.mul_f64(luck())).await;
        self.longest = (self.longest * 2).min(Duration::from_millis(320));
        Instant::now() < self.deadline
    }
}

/// From 0 to 1, another each time: the multiples of the golden ratio.
fn luck() -> f64 {
    static TURN: AtomicU64 = AtomicU64::new(0);
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    #[expect(clippy::cast_precision_loss, reason = "a test does not try that often")]
    let multiple = turn as f64 * 0.618_033_988_749_895;
    multiple.fract()
}
