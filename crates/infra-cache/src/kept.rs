//! All that this process keeps in memory, for whoever tells of changes.

use std::sync::Arc;
use std::time::Duration;

use domain::audit::AccessChange;
use domain::ports::{ChangeFollower, ChangeListener, LoggedChange};

use crate::{KeptTotals, SessionDirectory, UserCache};

/// Passes on what changed to all that this process keeps in memory.
#[derive(Debug)]
pub struct KeptInMemory {
    sessions: Arc<SessionDirectory>,
    users: Option<Arc<UserCache>>,
    totals: Option<Arc<KeptTotals>>,
}

impl KeptInMemory {
    /// Sessions, and users and totals where they are kept.
    pub fn new(
        sessions: Arc<SessionDirectory>,
        users: Option<Arc<UserCache>>,
        totals: Option<Arc<KeptTotals>>,
    ) -> Self {
        Self { sessions, users, totals }
    }

    /// Those who are told. Sessions last: they wake the other replicas.
    fn followers(&self) -> impl Iterator<Item = &dyn ChangeFollower> {
        let users = self.users.iter().map(|users| &**users as &dyn ChangeFollower);
        let totals = self.totals.iter().map(|totals| &**totals as &dyn ChangeFollower);
        users.chain(totals).chain([&*self.sessions as &dyn ChangeFollower])
    }
}

impl ChangeFollower for KeptInMemory {
    fn changed(&self, changes: &[LoggedChange], floor: i64) {
        self.followers().for_each(|follower| follower.changed(changes, floor));
    }

    fn forget_everything(&self) {
        self.followers().for_each(ChangeFollower::forget_everything);
    }

    fn heard(&self, ago: Duration) {
        self.followers().for_each(|follower| follower.heard(ago));
    }
}

impl ChangeListener for KeptInMemory {
    fn committed(&self, changes: &[AccessChange]) {
        if let Some(users) = &self.users {
            users.committed(changes);
        }
        if let Some(totals) = &self.totals {
            totals.committed(changes);
        }
        self.sessions.committed(changes);
    }
}
