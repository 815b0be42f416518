//! Sessions and refresh tokens within a unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{SessionRepository, StorageError};
use domain::session::{RefreshToken, Session};
use domain::values::{Digest, SessionId, UserUuid};

use crate::tables::Tables;
use crate::unit::MemoryUnit;

#[async_trait]
impl SessionRepository for MemoryUnit {
    async fn find(&mut self, session: SessionId) -> Result<Option<Session>, StorageError> {
        Ok(self.read()?.sessions.get(&session).cloned())
    }

    async fn find_live(&mut self, user: UserUuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        Ok(live_sessions(self.read()?, user, now))
    }

    async fn insert(&mut self, session: &Session) -> Result<(), StorageError> {
        self.change(|tables| {
            tables.sessions.insert(session.id(), session.clone());
            Ok(())
        })
    }

    async fn update(&mut self, sessions: &[Session]) -> Result<(), StorageError> {
        self.change(|tables| {
            for session in sessions {
                tables.update_session(session);
            }
            Ok(())
        })
    }

    async fn find_token(&mut self, digest: Digest) -> Result<Option<RefreshToken>, StorageError> {
        Ok(self.read()?.tokens.get(&digest).cloned())
    }

    async fn is_successor_spent(&mut self, digest: Digest) -> Result<bool, StorageError> {
        let tokens = &self.read()?.tokens;
        Ok(tokens.values().any(|token| token.parent == Some(digest) && token.spent_at.is_some()))
    }

    async fn insert_token(&mut self, token: &RefreshToken) -> Result<(), StorageError> {
        self.change(|tables| {
            tables.tokens.insert(token.digest, token.clone());
            Ok(())
        })
    }

    async fn spend_token(&mut self, digest: Digest, now: DateTime<Utc>) -> Result<bool, StorageError> {
        self.change(|tables| {
            let unspent = tables.tokens.get_mut(&digest).filter(|token| token.spent_at.is_none());
            Ok(unspent.map(|token| token.spent_at = Some(now)).is_some())
        })
    }

    async fn clean_up(&mut self, ended_before: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
        self.change(|tables| {
            let ended = tables.sessions.values().filter(|session| ended_at(session) < ended_before);
            let ended: Vec<_> = ended.map(Session::id).take(limit as usize).collect();
            tables.sessions.retain(|id, _| !ended.contains(id));
            tables.tokens.retain(|_, token| !ended.contains(&token.session));
            Ok(ended.len() as u64)
        })
    }
}

/// The oldest first: their names are in the order of time.
pub(crate) fn live_sessions(tables: &Tables, user: UserUuid, now: DateTime<Utc>) -> Vec<Session> {
    let of_user = tables.sessions.values().filter(|session| session.user() == user);
    let mut live: Vec<_> = of_user.filter(|session| session.is_live(now)).cloned().collect();
    live.sort_by_key(|session| (session.record().created_at, session.id()));
    live
}

fn ended_at(session: &Session) -> DateTime<Utc> {
    let record = session.record();
    record.revoked_at.unwrap_or(record.expires_at).min(record.expires_at)
}
