//! Reading sessions, sign-ins and changes with a fault.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::login::{LoginName, LoginStanding};
use domain::ports::{ChangeLog, LoggedChange, SessionQueries, StorageError};
use domain::session::{Session, SessionAccess};
use domain::user::User;
use domain::values::{Digest, SessionId, UserUuid};

use crate::broken::Broken;

#[async_trait]
impl SessionQueries for Broken {
    async fn find_login(&self, name: &LoginName) -> Result<Option<User>, StorageError> {
        self.reach().await?;
        self.memory.find_login(name).await
    }

    async fn login_standing(
        &self,
        name: Digest,
        network: Digest,
        user: Option<UserUuid>,
    ) -> Result<LoginStanding, StorageError> {
        self.reach().await?;
        self.memory.login_standing(name, network, user).await
    }

    async fn find_access(&self, session: SessionId) -> Result<Option<SessionAccess>, StorageError> {
        self.reach().await?;
        self.memory.find_access(session).await
    }

    async fn find_token_session(&self, token: Digest) -> Result<Option<SessionId>, StorageError> {
        self.reach().await?;
        self.memory.find_token_session(token).await
    }

    async fn sessions_of(&self, user: UserUuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        self.reach().await?;
        self.memory.sessions_of(user, now).await
    }
}

#[async_trait]
impl ChangeLog for Broken {
    async fn newest(&self) -> Result<i64, StorageError> {
        self.reach().await?;
        self.memory.newest().await
    }

    async fn after(&self, number: i64, limit: u32) -> Result<Vec<LoggedChange>, StorageError> {
        self.reach().await?;
        self.memory.after(number, limit).await
    }
}
