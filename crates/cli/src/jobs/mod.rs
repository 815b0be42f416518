//! Work that nobody asks for: it runs beside the service until the service stops.

mod clean_up;
mod key_rotation;
mod purge;
mod replica;
mod suspensions;
mod tail;

use std::sync::Arc;

use application::audit::Trail;
use application::authentication::Tail;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::error;

use crate::audit_protection::AuditProtection;
use crate::compose::Served;
use crate::database::Database;
use crate::numbers::Numbers;
use crate::sequencing::Sequencing;

/// All of it. To stop in the middle is harmless: what is not committed did not happen.
pub(crate) struct Jobs {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Jobs {
    /// Begins. When this returns, what others change is followed.
    pub(crate) async fn start(
        served: &Served,
        database: &Database,
        protection: Arc<AuditProtection>,
        numbers: Numbers,
    ) -> Self {
        let (stop, stopping) = watch::channel(false);
        let (users, authentication) = (served.use_cases.users.clone(), served.use_cases.authentication.clone());
        let log = tail::Followed::begin(
            Tail::new(database.changes(), served.memory.kept.clone()).awaited_in(served.replica.clone()),
        )
        .await;
        let mut tasks = JoinSet::new();
        let mut until_stopped = |job: Job| {
            let mut stopping = stopping.clone();
            tasks.spawn(async move {
                // On its own, so that a panic ends this job alone, and is told.
                let mut alone = JoinSet::new();
                alone.spawn(job);
                tokio::select! {
                    ended = alone.join_next() => error!(?ended, "work beside the service has ended by itself"),
                    _ = stopping.wait_for(|stop| *stop) => {}
                }
            });
        };
        until_stopped(Box::pin(log.follow(served.wake_ups.clone())));
        if let Some(replica) = &served.replica {
            until_stopped(Box::pin(replica::follow(replica.clone())));
        }
        if users.purges() {
            until_stopped(Box::pin(purge::go_on(users.clone(), database.leases())));
        }
        until_stopped(Box::pin(suspensions::end_them(users)));
        until_stopped(Box::pin(clean_up::go_on(authentication)));
        until_stopped(Box::pin(key_rotation::go_on(served.use_cases.key_rotation.clone(), database.leases())));
        until_stopped(Box::pin(protection.watch()));
        until_stopped(Box::pin(numbers.keep_up()));
        // Not stopped in the middle, as it signs what was done last.
        let sequencing = Sequencing::new(&Trail::new(&served.use_cases.users), database.leases());
        tasks.spawn(sequencing.go_on(stopping));
        Self { tasks, stop }
    }

    /// Stops, and waits until everything has.
    pub(crate) async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Work that never ends by itself.
type Job = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;
