//! The connections, and how long they are waited for.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use sea_orm::{AccessMode, DatabaseConnection, DbErr};
use tokio::task::{AbortHandle, JoinHandle};

use crate::faults::Failure;

/// How long one answer of the database is waited for, so that a caller knows within two seconds.
pub const PATIENCE: Duration = Duration::from_millis(1_800);

/// How old a connection may get. One that is older is closed when it is given back, so that connections find the other
/// nodes again behind a proxy, and a server's memory of what they once did goes.
///
/// No pool closes them by itself: in the driver's 0.9 what does so may take a connection that was given back at the same
/// moment for a count below zero, and then runs for ever on a whole core (launchbadge/sqlx#3645). Nor need they be closed
/// for being idle: they take turns, and a service asks its database something six times a second and a copy of it every
/// second, so that of a pool of less than sixty none is idle for the minute after which a server gives it up.
pub const CONNECTION_LIFETIME: Duration = Duration::from_mins(30);

/// The connections to one database. Reader and writer may be the same.
#[derive(Debug, Clone)]
pub struct Pools {
    /// For queries outside units of work.
    pub reader: DatabaseConnection,
    /// For units of work and migrations.
    pub writer: DatabaseConnection,
    /// How much the server says of what it undoes.
    pub undoing: Undoing,
}

/// Whether a server that undoes a transaction always says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undoing {
    /// Whoever sends the next statement is told.
    Told,
    /// It may go unsaid, as on a node of a cluster that meets another's change. The connections are set to refuse
    /// changes outside transactions that ask for them, so that nothing is kept of what comes after; and each
    /// transaction is asked whether it is still there before it ends.
    MayGoUnsaid,
}

impl Undoing {
    /// What a transaction that changes something has to ask for, if anything.
    pub fn access_mode(self) -> Option<AccessMode> {
        match self {
            Self::Told => None,
            Self::MayGoUnsaid => Some(AccessMode::ReadWrite),
        }
    }
}

impl Pools {
    /// Waits for connections in use, then closes all of them.
    ///
    /// The writer last: what SQLite's log holds is put into the file by the last connection, unless that one only reads.
    /// Those who read have no more than [`READERS_FOR`], so that the writer's turn comes.
    pub(crate) async fn close(&self) {
        let _ = tokio::time::timeout(READERS_FOR, closed(&self.reader)).await;
        closed(&self.writer).await;
    }
}

/// Reading can be broken off: nothing is lost by it.
const READERS_FOR: Duration = Duration::from_secs(1);

async fn closed(pool: &DatabaseConnection) {
    if let Err(error) = pool.close_by_ref().await {
        tracing::warn!(%error, "a connection pool was not closed");
    }
}

/// Pools, and why they should be replaced, if they should.
#[derive(Debug)]
pub(crate) struct Generation {
    pub(crate) pools: Pools,
    trouble: OnceLock<Trouble>,
    abandoned: Mutex<Vec<AbortHandle>>,
}

/// What makes connections useless without breaking them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Their network fell silent.
    Silence,
    /// They remember tables as these no longer are.
    Outdated,
}

impl Generation {
    fn new(pools: Pools) -> Arc<Self> {
        Arc::new(Self { pools, trouble: OnceLock::new(), abandoned: Mutex::default() })
    }

    /// What these connections answer, or [`Failure::Silence`] after [`PATIENCE`].
    ///
    /// The database is spoken with in a task of its own, which goes on to its end when nobody waits any more: a
    /// statement that is dropped half-way leaves its connection out of step with the server (the rest of the answer to
    /// a PREPARE is taken for that of the next statement), and a BEGIN gives an open transaction back to the pool.
    pub(crate) async fn in_time<T: Send + 'static>(
        &self,
        conversation: impl Future<Output = Result<T, DbErr>> + Send + 'static,
    ) -> Result<T, Failure> {
        #[expect(clippy::disallowed_methods, reason = "what nobody waits for any more is rolled back when it is done")]
        let mut spoken = Conversation { task: tokio::spawn(conversation), generation: self };
        match tokio::time::timeout(PATIENCE, &mut spoken.task).await {
            Ok(Ok(answer)) => answer.map_err(Failure::Database),
            Ok(Err(panic)) => Err(Failure::Database(DbErr::Custom(panic.to_string()))),
            Err(_) => {
                self.mark(Trouble::Silence);
                Err(Failure::Silence)
            }
        }
    }

    /// Asks for other connections in the place of these.
    pub(crate) fn mark(&self, trouble: Trouble) {
        let _ = self.trouble.set(trouble);
    }

    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.trouble.get().copied()
    }

    /// Breaks off what nobody waits for any more. Only for pools that are closed, because they let go the connections.
    pub(crate) fn break_off_abandoned(&self) {
        for task in self.abandoned.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            task.abort();
        }
    }
}

/// A conversation that is waited for until this is dropped.
struct Conversation<'a, T> {
    task: JoinHandle<T>,
    generation: &'a Generation,
}

impl<T> Drop for Conversation<'_, T> {
    fn drop(&mut self) {
        if !self.task.is_finished() {
            let mut abandoned = self.generation.abandoned.lock().unwrap_or_else(PoisonError::into_inner);
            abandoned.retain(|task| !task.is_finished());
            abandoned.push(self.task.abort_handle());
        }
    }
}

/// The pools in use now.
#[derive(Debug)]
pub(crate) struct CurrentPools(RwLock<Arc<Generation>>);

impl CurrentPools {
    pub(crate) fn new(pools: Pools) -> Self {
        Self(RwLock::new(Generation::new(pools)))
    }

    pub(crate) fn get(&self) -> Arc<Generation> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts others in their place; those that work with the old ones keep them.
    pub(crate) fn replace(&self, pools: Pools) -> Arc<Generation> {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, Generation::new(pools))
    }
}
