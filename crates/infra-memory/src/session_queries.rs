//! Reading sessions and sign-ins as they were committed last.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::login::{FailureRun, LoginKey, LoginName, LoginStanding, Place};
use domain::ports::{SessionQueries, StorageError};
use domain::session::{Session, SessionAccess};
use domain::user::User;
use domain::values::{Digest, SessionId, UserUuid};

use crate::MemoryStorage;
use crate::sessions::live_sessions;

#[async_trait]
impl SessionQueries for MemoryStorage {
    async fn find_login(&self, name: &LoginName) -> Result<Option<User>, StorageError> {
        let tables = self.committed.tables();
        Ok(tables.find_login(name).map(|row| row.user.clone()).filter(|user| !user.is_deleted()))
    }

    async fn login_standing(
        &self,
        name: Digest,
        network: Digest,
        user: Option<UserUuid>,
    ) -> Result<LoginStanding, StorageError> {
        let tables = self.committed.tables();
        let run = |place| -> Option<FailureRun> {
            tables.failures.get(&LoginKey { name, place }).map(|failures| failures.run)
        };
        Ok(LoginStanding {
            here: run(Place::Network(network)),
            anywhere: run(Place::Anywhere),
            is_known_network: user.is_some_and(|user| tables.networks.contains_key(&(user, network))),
        })
    }

    async fn find_access(&self, session: SessionId) -> Result<Option<SessionAccess>, StorageError> {
        let tables = self.committed.tables();
        let Some(session) = tables.sessions.get(&session) else { return Ok(None) };
        let Some(row) = tables.find(session.user().into()) else { return Ok(None) };
        let (user, record) = (&row.user, session.record());
        let is_usable = user.is_active() && !user.is_deleted() && record.revoked_at.is_none();
        Ok(Some(SessionAccess {
            session: session.id(),
            user: user.uuid(),
            user_id: user.id(),
            username: user.record().username.as_str().to_owned(),
            role: user.role(),
            auth_epoch: user.record().auth_epoch,
            must_change_password: user.record().must_change_password,
            usable_until: is_usable.then_some(record.expires_at),
        }))
    }

    async fn find_token_session(&self, token: Digest) -> Result<Option<SessionId>, StorageError> {
        Ok(self.committed.tables().tokens.get(&token).map(|token| token.session))
    }

    async fn sessions_of(&self, user: UserUuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        let mut sessions = live_sessions(&self.committed.tables(), user, now);
        sessions.reverse();
        Ok(sessions)
    }
}
