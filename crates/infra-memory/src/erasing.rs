//! What is kept about people, and taking it away, within a unit of work.

use std::cmp::Reverse;
use std::collections::HashSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{ErasureRepository, SaveUserError, StorageError};
use domain::session::Session;
use domain::user::User;
use domain::values::{SessionId, UserUuid};

use crate::tables::Tables;
use crate::unit::MemoryUnit;

#[async_trait]
impl ErasureRepository for MemoryUnit {
    async fn erase(&mut self, user: &User, _: DateTime<Utc>) -> Result<(), SaveUserError> {
        self.change(|tables| {
            let erased = tables.remove(user)?.user.uuid();
            tables.erased.insert(erased);
            forget(tables, erased);
            Ok(())
        })
    }

    async fn deleted_before(&mut self, moment: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError> {
        let deleted = self.read()?.users.values().filter_map(|row| Some((row.user.record().deleted_at?, row)));
        let mut before: Vec<_> = deleted.filter(|(deleted_at, _)| *deleted_at < moment).collect();
        before.sort_unstable_by_key(|(deleted_at, row)| (*deleted_at, row.user.id()));
        Ok(before.into_iter().take(limit as usize).map(|(_, row)| row.user.uuid()).collect())
    }

    async fn kept_sessions(
        &mut self,
        person: UserUuid,
        before: Option<SessionId>,
        limit: u32,
    ) -> Result<Vec<Session>, StorageError> {
        let of_person = self.read()?.sessions.values().filter(|session| session.user() == person);
        let asked_for = of_person.filter(|session| before.is_none_or(|before| session.id() < before));
        let mut kept: Vec<_> = asked_for.cloned().collect();
        kept.sort_unstable_by_key(|session| Reverse(session.id()));
        kept.truncate(limit as usize);
        Ok(kept)
    }

    async fn count_networks(&mut self, person: UserUuid) -> Result<u64, StorageError> {
        Ok(self.read()?.networks.keys().filter(|(owner, _)| *owner == person).count() as u64)
    }
}

/// Takes away whatever else is kept about somebody.
fn forget(tables: &mut Tables, user: UserUuid) {
    let of_user = tables.sessions.values().filter(|session| session.user() == user);
    let sessions: HashSet<_> = of_user.map(Session::id).collect();
    tables.sessions.retain(|id, _| !sessions.contains(id));
    tables.tokens.retain(|_, token| !sessions.contains(&token.session));
    tables.networks.retain(|(owner, _), _| *owner != user);
    tables.last_logins.remove(&user);
    tables.one_time_tokens.retain(|_, token| token.user != user);
    tables.outcomes.retain(|_, kept| kept.subject != Some(user));
    tables.subject_keys.remove(&user);
}
