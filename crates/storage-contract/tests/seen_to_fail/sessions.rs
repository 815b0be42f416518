//! Sessions and refresh tokens with a fault.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{SessionRepository, Storage, StorageError};
use domain::session::{RefreshToken, Session};
use domain::values::{Digest, SessionId, UserUuid};

use crate::fault::Fault;
use crate::unit::{BrokenUnit, within};

#[async_trait]
impl SessionRepository for BrokenUnit {
    async fn find(&mut self, session: SessionId) -> Result<Option<Session>, StorageError> {
        let found = within!(self, |unit| unit.sessions().find(session))?;
        if found.is_none() && self.has(Fault::FindsSomebodyForAnyNumber) {
            return Ok(self.storage.remembered().sessions.values().next().cloned());
        }
        let is_shown =
            |session: &Session| !self.has(Fault::FindsLiveSessionsOnly) || session.record().revoked_at.is_none();
        Ok(found.filter(is_shown))
    }

    async fn find_live(&mut self, user: UserUuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        let mut live = within!(self, |unit| unit.sessions().find_live(user, now))?;
        if self.has(Fault::HidesItsOwnChanges) {
            live.retain(|session| !self.opened.contains(&session.id()));
        }
        Ok(self.storage.shown(live, user, now))
    }

    async fn insert(&mut self, session: &Session) -> Result<(), StorageError> {
        self.opened.insert(session.id());
        self.storage.remembered().sessions.insert(session.id(), session.clone());
        if self.has(Fault::SessionsSlipThrough) {
            self.late.sessions.push(session.clone());
            return Ok(());
        }
        let mut record = session.record().clone();
        if self.has(Fault::CutsUserAgents) {
            record.user_agent = record.user_agent.map(|text| text.chars().take(255).collect());
        }
        let session = Session::from_stored(record);
        within!(self, |unit| unit.sessions().insert(&session))
    }

    async fn update(&mut self, sessions: &[Session]) -> Result<(), StorageError> {
        let sessions = match self.storage.fault {
            Some(Fault::UpdatesNoSessions) => &[],
            Some(Fault::UpdatesOneSession) => sessions.get(..1).unwrap_or_default(),
            _ => sessions,
        };
        for session in sessions {
            self.storage.remembered().sessions.insert(session.id(), session.clone());
            if self.has(Fault::ReplacesWholeSessions) {
                within!(self, |unit| unit.sessions().insert(session))?;
            }
        }
        within!(self, |unit| unit.sessions().update(sessions))
    }

    async fn find_token(&mut self, digest: Digest) -> Result<Option<RefreshToken>, StorageError> {
        within!(self, |unit| unit.sessions().find_token(digest))
    }

    async fn is_successor_spent(&mut self, digest: Digest) -> Result<bool, StorageError> {
        if self.has(Fault::TakesSpentForSuccessor) {
            let token = within!(self, |unit| unit.sessions().find_token(digest))?;
            return Ok(token.is_some_and(|token: RefreshToken| token.spent_at.is_some()));
        }
        within!(self, |unit| unit.sessions().is_successor_spent(digest))
    }

    async fn insert_token(&mut self, token: &RefreshToken) -> Result<(), StorageError> {
        self.storage.remembered().tokens.insert(token.digest, token.clone());
        let parent = token.parent.filter(|_| !self.has(Fault::ForgetsParents));
        let token = RefreshToken { parent, ..token.clone() };
        within!(self, |unit| unit.sessions().insert_token(&token))
    }

    async fn spend_token(&mut self, digest: Digest, now: DateTime<Utc>) -> Result<bool, StorageError> {
        self.storage.remembered().spent.insert(digest);
        let was_unspent = within!(self, |unit| unit.sessions().spend_token(digest, now))?;
        Ok(was_unspent || self.has(Fault::SpendsTokensTwice))
    }

    async fn clean_up(&mut self, ended_before: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
        let (ended_before, limit) = self.storage.clean_up(ended_before, limit);
        let deleted = within!(self, |unit| unit.sessions().clean_up(ended_before, limit))?;
        if self.has(Fault::LeavesTokensBehind) {
            let tokens: Vec<_> = self.storage.remembered().tokens.values().cloned().collect();
            for token in tokens {
                within!(self, |unit| unit.sessions().insert_token(&token))?;
            }
        }
        Ok(deleted)
    }
}
