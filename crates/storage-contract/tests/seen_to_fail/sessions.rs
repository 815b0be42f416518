//! Sessions and refresh tokens with a fault.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{SessionRepository, Storage, StorageError};
use domain::session::{RefreshToken, Session};
use domain::values::{Digest, SessionId, UserUuid};

use crate::unit::{BrokenUnit, within};

#[async_trait]
impl SessionRepository for BrokenUnit {
    async fn find(&mut self, session: SessionId) -> Result<Option<Session>, StorageError> {
        within!(self, |unit| unit.sessions().find(session))
    }

    async fn find_live(&mut self, user: UserUuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        within!(self, |unit| unit.sessions().find_live(user, now))
    }

    async fn insert(&mut self, session: &Session) -> Result<(), StorageError> {
        within!(self, |unit| unit.sessions().insert(session))
    }

    async fn update(&mut self, sessions: &[Session]) -> Result<(), StorageError> {
        within!(self, |unit| unit.sessions().update(sessions))
    }

    async fn find_token(&mut self, digest: Digest) -> Result<Option<RefreshToken>, StorageError> {
        within!(self, |unit| unit.sessions().find_token(digest))
    }

    async fn is_successor_spent(&mut self, digest: Digest) -> Result<bool, StorageError> {
        within!(self, |unit| unit.sessions().is_successor_spent(digest))
    }

    async fn insert_token(&mut self, token: &RefreshToken) -> Result<(), StorageError> {
        within!(self, |unit| unit.sessions().insert_token(token))
    }

    async fn spend_token(&mut self, digest: Digest, now: DateTime<Utc>) -> Result<bool, StorageError> {
        within!(self, |unit| unit.sessions().spend_token(digest, now))
    }

    async fn clean_up(&mut self, ended_before: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
        within!(self, |unit| unit.sessions().clean_up(ended_before, limit))
    }
}
