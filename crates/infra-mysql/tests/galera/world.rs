//! The use cases on one node, with pauses between attempts as the service makes them, which are counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use application::{Authentication, AuthenticationPolicy, Keyring, Ports, UserPolicy, Users};
use async_trait::async_trait;
use domain::ports::{AskEachTime, Attempts, Backoff};
use domain::user::DeletedNames;
use infra_mysql::MySqlStorage;
use testkit::{
    CountedTokens, FakeHasher, FixedClock, ForgetfulDirectory, PlainCursors, PlainOutcomes, PlainSigner,
    PlainSubjectKeys, SequentialIds, SequentialSecrets,
};
use tokio::time::{Instant, sleep};

/// A replica of the service on each node.
pub(crate) struct World {
    /// One on each node.
    pub(crate) replicas: Vec<Users>,
    /// Signing in, on the same nodes.
    pub(crate) entrances: Vec<Authentication>,
    /// How often anything was tried again.
    pub(crate) retries: Arc<AtomicUsize>,
}

impl World {
    pub(crate) fn on(storages: Vec<MySqlStorage>) -> Self {
        let retries = Arc::new(AtomicUsize::new(0));
        let (ids, secrets) = (Arc::new(SequentialIds::new()), Arc::new(SequentialSecrets::new()));
        let (access_tokens, sealer) = (Arc::new(CountedTokens::new()), Arc::new(PlainSubjectKeys::new()));
        let replica = |storage: MySqlStorage| {
            let (storage, hasher) = (Arc::new(storage), Arc::new(FakeHasher::new()));
            let directory = Arc::new(ForgetfulDirectory::new(storage.clone()));
            let ports = Ports {
                storage: storage.clone(),
                queries: storage.clone(),
                shown_users: Arc::new(AskEachTime(storage.clone())),
                replica: None,
                sessions: storage.clone(),
                audit: storage.clone(),
                chain: storage.clone(),
                leases: storage,
                directory: directory.clone(),
                listener: directory,
                clock: Arc::new(FixedClock::new()),
                ids: ids.clone(),
                secrets: secrets.clone(),
                subject_sealer: sealer.clone(),
                keyring: Keyring::default(),
                audit_signer: Arc::new(PlainSigner::default()),
                outcome_sealer: Arc::new(PlainOutcomes),
                access_tokens: access_tokens.clone(),
                hasher: hasher.clone(),
                strength: hasher,
                backoff: Arc::new(Counted(Arc::clone(&retries))),
                cursors: Arc::new(PlainCursors),
            };
            let policy = UserPolicy {
                deleted_names: DeletedNames::Freed,
                protect_last_administrator: true,
                min_password_score: 0,
                purge_deleted_after: None,
            };
            Users::new(ports, policy)
        };
        let replicas: Vec<_> = storages.into_iter().map(replica).collect();
        let entrance = |users: &Users| Authentication::new(users.clone(), AuthenticationPolicy::default());
        let entrances = replicas.iter().map(entrance).collect();
        Self { replicas, entrances, retries }
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
