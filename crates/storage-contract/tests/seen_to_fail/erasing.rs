//! Erasing people with a fault.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ports::{ErasureRepository, OneTimePurpose, SaveUserError, Storage, StorageError};
use domain::session::{RefreshToken, Session};
use domain::user::{DeletedNames, User};
use domain::values::{SessionId, UserUuid};

use crate::fault::Fault;
use crate::unit::{BrokenUnit, Statement, commit_at_once, within};

impl BrokenUnit {
    /// Erases in the storage below; an error spoils the unit.
    async fn erase_below(&mut self, user: &User, now: DateTime<Utc>) -> Result<(), SaveUserError> {
        let Some(unit) = &mut self.inner else {
            let mut unit = self.storage.memory.begin().await?;
            unit.erasure().erase(user, now).await?;
            return Ok(commit_at_once(unit).await?);
        };
        let erased = unit.erasure().erase(user, now).await;
        self.failed |= erased.is_err();
        erased
    }

    /// Erases the user, and puts everything else back.
    async fn erase_user_alone(&mut self, user: &User, now: DateTime<Utc>) -> Result<(), SaveUserError> {
        let (uuid, subjects) = (user.uuid(), [user.uuid()]);
        let keys: Vec<_> = within!(self, |unit| unit.subject_keys().find(&subjects))?;
        self.erase_below(user, now).await?;
        within!(self, |unit| unit.subject_keys().insert(&keys))?;
        let (sessions, tokens, networks, outcomes) = {
            let remembered = self.storage.remembered();
            let sessions: Vec<_> =
                remembered.sessions.values().filter(|session| session.user() == uuid).cloned().collect();
            let is_of_user = |token: &&RefreshToken| sessions.iter().any(|session| session.id() == token.session);
            let tokens: Vec<_> = remembered.tokens.values().filter(is_of_user).cloned().collect();
            let networks: Vec<_> = remembered.networks.iter().copied().collect();
            let of_user = remembered.outcomes.iter().filter(|(_, _, kept)| kept.subject == Some(uuid));
            (sessions, tokens, networks, of_user.cloned().collect::<Vec<_>>())
        };
        for session in &sessions {
            within!(self, |unit| unit.sessions().insert(session))?;
        }
        for token in &tokens {
            within!(self, |unit| unit.sessions().insert_token(token))?;
        }
        for network in networks {
            within!(self, |unit| unit.logins().signed_in(uuid, network, now))?;
        }
        for (key, ticket, kept) in &outcomes {
            within!(self, |unit| unit.idempotency().keep(*key, *ticket, kept)).map(|_: bool| ())?;
        }
        let one_time: Vec<_> = {
            let remembered = self.storage.remembered();
            let of_user = remembered.one_time_tokens.iter().filter(|(_, (owner, _))| *owner == uuid);
            of_user.map(|(digest, (_, end))| (*digest, *end)).collect()
        };
        for (digest, end) in one_time {
            let purpose = OneTimePurpose::ResetPassword;
            within!(self, |unit| unit.one_time_tokens().replace(purpose, uuid, digest, end))?;
        }
        Ok(())
    }
}

#[async_trait]
impl ErasureRepository for BrokenUnit {
    async fn erase(&mut self, user: &User, now: DateTime<Utc>) -> Result<(), SaveUserError> {
        let stored = self.load(user.id().into()).await?;
        self.storage.remembered().erased.insert(user.uuid());
        match (self.storage.fault, stored) {
            (Some(Fault::SavesUnknownUsers), None) => Ok(()),
            (Some(Fault::IgnoresVersions), Some(stored)) => self.erase_below(&stored, now).await,
            (Some(Fault::ErasesLikeDeleting), Some(mut stored)) => {
                stored.delete(DeletedNames::Reserved, now);
                self.run(Statement::Update(Box::new(stored))).await.map(|_| ())
            }
            (Some(Fault::ErasesTheDeletedOnly), Some(stored)) if !stored.is_deleted() => {
                self.failed = true;
                Err(SaveUserError::StaleVersion)
            }
            (Some(Fault::LeavesTracesBehind), Some(_)) => self.erase_user_alone(user, now).await,
            _ => self.erase_below(user, now).await,
        }
    }

    async fn deleted_before(&mut self, moment: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError> {
        let later = TimeDelta::microseconds(i64::from(self.has(Fault::BoundsAreInclusive)));
        within!(self, |unit| unit.erasure().deleted_before(moment + later, limit))
    }

    async fn kept_sessions(
        &mut self,
        person: UserUuid,
        before: Option<SessionId>,
        limit: u32,
    ) -> Result<Vec<Session>, StorageError> {
        let limit = self.storage.limit(limit);
        let mut kept: Vec<Session> = within!(self, |unit| unit.erasure().kept_sessions(person, before, limit))?;
        if self.has(Fault::FindsLiveSessionsOnly) {
            kept.retain(|session| session.record().revoked_at.is_none());
        }
        Ok(kept)
    }

    async fn count_networks(&mut self, person: UserUuid) -> Result<u64, StorageError> {
        if self.has(Fault::NetworksAreKnownToAll) {
            return Ok(self.storage.remembered().networks.len() as u64);
        }
        within!(self, |unit| unit.erasure().count_networks(person))
    }
}
