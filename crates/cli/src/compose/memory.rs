//! What is kept in memory of the database.

use std::env::current_dir;
use std::fs::read_to_string;
use std::sync::Arc;

use domain::ports::{AskEachTime, UserDirectory, UserQueries};
use infra_cache::{KeptInMemory, KeptTotals, RedisLink, SessionDirectory, SharedUsers, UserCache, WakeUps};
use settings::{Cache, DatabaseUrl, Settings};

use super::EncryptionKeys;
use crate::clock::SystemClock;
use crate::database::Database;

/// What is kept in memory of the database.
pub(crate) struct Memory {
    pub(crate) sessions: Arc<SessionDirectory>,
    pub(crate) shown_users: Arc<dyn UserDirectory>,
    pub(crate) queries: Arc<dyn UserQueries>,
    /// All of it, for whoever tells of changes.
    pub(crate) kept: Arc<KeptInMemory>,
}

impl Memory {
    /// For commands, which nobody tells of changes: they ask the database for users each time.
    pub(super) fn forgetful(database: &Database) -> Self {
        let sessions = SessionDirectory::new(database.sessions(), Arc::new(WakeUps::none()));
        Self::of(Arc::new(sessions), None, None, database)
    }

    /// For the service, as the settings want it.
    pub(super) fn new(
        settings: &Settings,
        database: &Database,
        keys: &EncryptionKeys,
        redis: Option<&Arc<RedisLink>>,
        wake_ups: &Arc<WakeUps>,
    ) -> Self {
        let sessions = SessionDirectory::new(database.sessions(), Arc::clone(wake_ups));
        let shared = redis.filter(|_| settings.cache == Cache::Redis).map(|link| {
            let name = database_name(settings);
            SharedUsers::new(Arc::clone(link), Arc::new(keys.copies()), Arc::new(SystemClock), &name)
        });
        let users = match (settings.cache, shared) {
            (Cache::Off, _) => None,
            (Cache::Redis, Some(shared)) => Some(UserCache::sharing(database.queries(), shared)),
            (Cache::Memory | Cache::Redis, _) => Some(UserCache::new(database.queries())),
        };
        let totals = users.is_some().then(|| Arc::new(KeptTotals::new(database.queries())));
        Self::of(Arc::new(sessions), users.map(Arc::new), totals, database)
    }

    fn of(
        sessions: Arc<SessionDirectory>,
        users: Option<Arc<UserCache>>,
        totals: Option<Arc<KeptTotals>>,
        database: &Database,
    ) -> Self {
        let shown_users: Arc<dyn UserDirectory> = match &users {
            Some(users) => Arc::clone(users) as _,
            None => Arc::new(AskEachTime(database.queries())),
        };
        let queries: Arc<dyn UserQueries> = match &totals {
            Some(totals) => Arc::clone(totals) as _,
            None => database.queries(),
        };
        let kept = Arc::new(KeptInMemory::new(Arc::clone(&sessions), users, totals));
        Self { sessions, shown_users, queries, kept }
    }
}

/// What tells this database from others whose replicas have the same Redis and the same key. A file is of one machine, and
/// what is in memory of one process.
fn database_name(settings: &Settings) -> String {
    let url = &settings.database_url;
    match url {
        DatabaseUrl::Memory | DatabaseUrl::SqliteMemory => format!("{url} {:032x}", fastrand::u128(..)),
        DatabaseUrl::Sqlite(_) => {
            let machine = read_to_string("/proc/sys/kernel/hostname");
            let machine = machine.unwrap_or_else(|_| format!("{:032x}", fastrand::u128(..)));
            format!("{url} {} {}", machine.trim_end(), current_dir().unwrap_or_default().display())
        }
        DatabaseUrl::MySql(_) | DatabaseUrl::Postgres(_) => url.to_string(),
    }
}
