//! Reading sessions, sign-ins and changes with a fault.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::Effect;
use domain::login::{LoginName, LoginStanding};
use domain::ports::{ChangeLog, LoggedChange, SessionQueries, Storage, StorageError};
use domain::session::{Session, SessionAccess};
use domain::user::{User, UserView};
use domain::values::{Digest, EmailAddress, Role, SessionId, UserUuid, Username};
use testkit::FixedClock;

use crate::broken::Broken;
use crate::fault::Fault;

impl Broken {
    /// The live sessions, and those that a fault shows too.
    pub(crate) fn shown(&self, mut live: Vec<Session>, user: UserUuid, now: DateTime<Utc>) -> Vec<Session> {
        let is_shown = |session: &&Session| match self.fault {
            Some(Fault::ShowsEndedSessions) => session.user() == user && now >= session.record().expires_at,
            Some(Fault::ShowsRevokedSessions) => session.user() == user && session.record().revoked_at.is_some(),
            Some(Fault::ShowsSessionsOfOthers) => session.user() != user && session.is_live(now),
            _ => false,
        };
        live.extend(self.remembered().sessions.values().filter(is_shown).cloned());
        if self.has(Fault::OrdersSessionsBackwards) {
            live.reverse();
        }
        live
    }

    /// What is cleaned up, by the moment before which it is over, and how much of it.
    pub(crate) fn clean_up(&self, before: DateTime<Utc>, limit: u32) -> (DateTime<Utc>, u32) {
        let early = TimeDelta::microseconds(i64::from(self.has(Fault::CleansUpAMomentEarly)));
        (before + early, if self.has(Fault::CleansUpWithoutLimit) { u32::MAX } else { limit })
    }

    /// Everybody who has or had this name.
    async fn had(&self, name: &LoginName) -> Result<Option<User>, StorageError> {
        let had = |user: &UserView| match name {
            LoginName::Username(key) => Username::key_of(&user.username) == *key,
            LoginName::Email(key) => EmailAddress::key_of(&user.email) == *key,
        };
        let first = self.everybody().await?.into_iter().find(had);
        self.load(first.map(|user| user.uuid)).await
    }

    async fn load(&self, user: Option<UserUuid>) -> Result<Option<User>, StorageError> {
        let Some(user) = user else { return Ok(None) };
        self.memory.begin().await?.users().find_including_deleted(user.into()).await
    }
}

#[async_trait]
impl SessionQueries for Broken {
    async fn find_login(&self, name: &LoginName) -> Result<Option<User>, StorageError> {
        self.reach().await?;
        match self.fault {
            Some(Fault::ReadersLagBehind) if self.remembered().asked_names.insert(name.clone()) => return Ok(None),
            Some(Fault::LooksUpOnlyAscii) if !name.key().is_ascii() => return Ok(None),
            Some(Fault::FindsDeletedLogins) => return self.had(name).await,
            Some(Fault::KeepsTheOldNames) => {
                let had = self.remembered().usernames.get(name.key()).copied();
                return self.load(had).await;
            }
            Some(Fault::FindsSomebodyForAnyNumber) => {
                let first = self.everybody().await?.into_iter().next();
                return self.load(first.map(|user| user.uuid)).await;
            }
            _ => {}
        }
        let found = self.memory.find_login(name).await?;
        Ok(found.filter(|user| user.is_active() || !self.has(Fault::FindsActiveLoginsOnly)))
    }

    async fn login_standing(
        &self,
        name: Digest,
        network: Digest,
        user: Option<UserUuid>,
    ) -> Result<LoginStanding, StorageError> {
        self.reach().await?;
        let standing = self.memory.login_standing(name, network, user).await?;
        let to_all = self.has(Fault::NetworksAreKnownToAll) && self.remembered().networks.contains(&network);
        Ok(LoginStanding { is_known_network: standing.is_known_network || to_all, ..standing })
    }

    async fn find_access(&self, session: SessionId) -> Result<Option<SessionAccess>, StorageError> {
        self.reach().await?;
        let Some(mut access) = self.memory.find_access(session).await? else { return Ok(None) };
        match self.fault {
            Some(Fault::RemembersAccess) => {
                access = self.remembered().access.entry(session).or_insert(access).clone();
            }
            Some(Fault::RoleIsAlwaysUser) => access.role = Role::User,
            Some(Fault::IgnoresWhatEndsSessions) => {
                access.usable_until = self.remembered().sessions.get(&session).map(|stored| stored.record().expires_at);
            }
            Some(Fault::HidesEndedSessions) => {
                access.usable_until = access.usable_until.filter(|end| *end > FixedClock::START);
            }
            _ => {}
        }
        Ok(Some(access))
    }

    async fn find_token_session(&self, token: Digest) -> Result<Option<SessionId>, StorageError> {
        self.reach().await?;
        let is_hidden = self.has(Fault::FindsUnspentTokensOnly) && self.remembered().spent.contains(&token);
        Ok(self.memory.find_token_session(token).await?.filter(|_| !is_hidden))
    }

    async fn sessions_of(&self, user: UserUuid, now: DateTime<Utc>) -> Result<Vec<Session>, StorageError> {
        self.reach().await?;
        Ok(self.shown(self.memory.sessions_of(user, now).await?, user, now))
    }
}

#[async_trait]
impl ChangeLog for Broken {
    async fn newest(&self) -> Result<i64, StorageError> {
        self.reach().await?;
        Ok(self.memory.newest().await? + i64::from(self.has(Fault::CountsOneChangeTooMany)))
    }

    async fn after(&self, number: i64, limit: u32) -> Result<Vec<LoggedChange>, StorageError> {
        self.reach().await?;
        let skipped = i64::from(self.has(Fault::SkipsAChangeAtEachPage) && number > 0);
        let mut changes = self.memory.after(number.saturating_add(skipped), limit).await?;
        for logged in &mut changes {
            match self.fault {
                Some(Fault::GivesNumbersTwice) => logged.number = 1,
                Some(Fault::ForgetsSessionsOfChanges) => logged.change.session = None,
                Some(Fault::ForgetsWhoIsNew) => logged.change.effect = Effect::Detail,
                _ => {}
            }
        }
        changes.retain(|logged| logged.change.user.is_some() || !self.has(Fault::SkipsChangesWithoutAUser));
        Ok(changes)
    }
}
