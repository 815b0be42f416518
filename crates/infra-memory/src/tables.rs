//! The rows, and what must be unique among them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::audit::SealedEvent;
use domain::login::{FailureRun, LoginKey, LoginName};
use domain::ports::{ImportProgress, KeptOutcome, OneTimePurpose, Reservation, SaveUserError, UserNames, WrappedKey};
use domain::session::{RefreshToken, Session, SessionRecord};
use domain::user::{User, UserDraft, UserRecord, UserView};
use domain::values::{Digest, PasswordHash, SessionId, UserId, UserRef, UserUuid, fold};

/// Everything that is stored, by value: changing a copy changes nothing else.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    pub(crate) users: BTreeMap<UserId, Arc<Row>>,
    /// An event's number is one more than its index.
    pub(crate) events: Vec<Arc<SealedEvent>>,
    pub(crate) sessions: BTreeMap<SessionId, Session>,
    pub(crate) tokens: HashMap<Digest, RefreshToken>,
    pub(crate) failures: HashMap<LoginKey, Failures>,
    pub(crate) networks: HashMap<(UserUuid, Digest), DateTime<Utc>>,
    pub(crate) last_logins: HashMap<UserUuid, DateTime<Utc>>,
    pub(crate) one_time_tokens: HashMap<(OneTimePurpose, Digest), OneTimeToken>,
    pub(crate) subject_keys: BTreeMap<UserUuid, WrappedKey>,
    /// Whoever was erased. Their numbers never come again, as numbers only grow.
    pub(crate) erased: HashSet<UserUuid>,
    pub(crate) reservations: HashMap<Digest, Reservation>,
    pub(crate) outcomes: BTreeMap<(Digest, i32), KeptOutcome>,
    pub(crate) imports: HashMap<Digest, ImportProgress>,
    last_id: i64,
    uuids: HashMap<UserUuid, UserId>,
    username_keys: HashMap<String, UserId>,
    email_keys: HashMap<String, UserId>,
    external_ids: HashMap<String, UserId>,
}

/// Failed sign-ins, and whether anybody was told to wait since the last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failures {
    pub(crate) run: FailureRun,
    pub(crate) is_delay_noted: bool,
}

/// A token that is good once, until it expires.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OneTimeToken {
    pub(crate) user: UserUuid,
    pub(crate) expires_at: DateTime<Utc>,
}

/// A stored user with the columns that are derived for looking users up, searching and sorting.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) user: User,
    pub(crate) username_key: String,
    pub(crate) email_key: String,
    pub(crate) username_folded: String,
    pub(crate) email_folded: String,
    pub(crate) full_name_folded: Option<String>,
    pub(crate) last_name_folded: Option<String>,
}

impl Tables {
    pub(crate) fn find(&self, user: UserRef) -> Option<&Row> {
        let id = match user {
            UserRef::Id(id) => id,
            UserRef::Uuid(uuid) => *self.uuids.get(&uuid)?,
        };
        self.users.get(&id).map(Arc::as_ref)
    }

    /// What readers see of a user.
    pub(crate) fn view(&self, row: &Row) -> UserView {
        let last_login_at = self.last_logins.get(&row.user.uuid()).copied();
        UserView { last_login_at, ..UserView::from(&row.user) }
    }

    /// The user who holds this name, deleted or not.
    pub(crate) fn find_login(&self, name: &LoginName) -> Option<&Row> {
        let id = match name {
            LoginName::Username(key) => self.username_keys.get(key)?,
            LoginName::Email(key) => self.email_keys.get(key)?,
        };
        self.users.get(id).map(Arc::as_ref)
    }

    pub(crate) fn upgrade_hash(&mut self, user: UserUuid, from: &PasswordHash, to: &PasswordHash) {
        let found = self.find(user.into()).filter(|row| row.user.record().password_hash == *from);
        if let Some(row) = found {
            let mut record = row.user.record().clone();
            record.password_hash = to.clone();
            let row = Row::of(User::from_stored(row.user.id(), record));
            self.users.insert(row.user.id(), Arc::new(row));
        }
    }

    /// Replaces what may change of a stored session.
    pub(crate) fn update_session(&mut self, session: &Session) {
        let changed = session.record();
        if let Some(stored) = self.sessions.get_mut(&session.id()) {
            *stored = Session::from_stored(SessionRecord {
                last_used_at: changed.last_used_at,
                expires_at: changed.expires_at,
                revoked_at: changed.revoked_at,
                ..stored.record().clone()
            });
        }
    }

    pub(crate) fn insert(&mut self, draft: UserDraft) -> Result<User, SaveUserError> {
        let id = UserId::new(self.last_id + 1);
        self.check_conflicts(id, draft.record())?;
        let uuid = draft.record().uuid;
        if self.uuids.contains_key(&uuid) || self.erased.contains(&uuid) {
            return Err(SaveUserError::UuidTaken);
        }
        self.last_id = id.get();
        let user = draft.stored_as(id);
        self.put(Row::of(user.clone()));
        Ok(user)
    }

    pub(crate) fn update(&mut self, user: &User) -> Result<(), SaveUserError> {
        let id = user.id();
        let Some(stored) = self.users.get(&id).filter(|row| row.user.version() == user.stored_version()) else {
            return Err(SaveUserError::StaleVersion);
        };
        self.check_conflicts(id, user.record())?;
        self.release_names(&Arc::clone(stored));
        self.put(Row::of(User::from_stored(id, user.record().clone())));
        Ok(())
    }

    /// Takes a user away who is stored in this version, and returns the row.
    pub(crate) fn remove(&mut self, user: &User) -> Result<Arc<Row>, SaveUserError> {
        let is_current = |row: &Arc<Row>| row.user.version() == user.stored_version();
        let Some(row) = self.users.get(&user.id()).filter(|row| is_current(row)).cloned() else {
            return Err(SaveUserError::StaleVersion);
        };
        self.users.remove(&user.id());
        self.uuids.remove(&row.user.uuid());
        self.release_names(&row);
        Ok(row)
    }

    /// Those who have what only one user can have, each once.
    pub(crate) fn in_the_way(&self, names: &[UserNames]) -> Vec<User> {
        let ids: BTreeSet<_> = names
            .iter()
            .flat_map(|names| {
                // Named one by one, so that a new one cannot be forgotten here.
                let UserNames { username_key, email_key, external_id, uuid } = names;
                [
                    self.username_keys.get(username_key),
                    self.email_keys.get(email_key),
                    external_id.as_ref().and_then(|id| self.external_ids.get(id)),
                    uuid.as_ref().and_then(|uuid| self.uuids.get(uuid)),
                ]
            })
            .flatten()
            .collect();
        ids.into_iter().filter_map(|id| self.users.get(id)).map(|row| row.user.clone()).collect()
    }

    /// The order of the checks is part of the port's promise.
    fn check_conflicts(&self, id: UserId, record: &UserRecord) -> Result<(), SaveUserError> {
        let is_another = |holder: Option<&UserId>| holder.is_some_and(|holder| *holder != id);
        if record.holds_names && is_another(self.username_keys.get(&record.username.key())) {
            return Err(SaveUserError::UsernameTaken);
        }
        if record.holds_names && is_another(self.email_keys.get(&record.email.key())) {
            return Err(SaveUserError::EmailTaken);
        }
        if is_another(record.external_id.as_ref().and_then(|id| self.external_ids.get(id.as_str()))) {
            return Err(SaveUserError::ExternalIdTaken);
        }
        Ok(())
    }

    fn put(&mut self, row: Row) {
        let (id, record) = (row.user.id(), row.user.record());
        self.uuids.insert(record.uuid, id);
        if record.holds_names {
            self.username_keys.insert(row.username_key.clone(), id);
            self.email_keys.insert(row.email_key.clone(), id);
        }
        if let Some(external_id) = &record.external_id {
            self.external_ids.insert(external_id.as_str().to_owned(), id);
        }
        self.users.insert(id, Arc::new(row));
    }

    fn release_names(&mut self, row: &Row) {
        if row.user.record().holds_names {
            self.username_keys.remove(&row.username_key);
            self.email_keys.remove(&row.email_key);
        }
        if let Some(external_id) = &row.user.record().external_id {
            self.external_ids.remove(external_id.as_str());
        }
    }
}

impl Row {
    fn of(user: User) -> Self {
        let record = user.record();
        Self {
            username_key: record.username.key(),
            email_key: record.email.key(),
            username_folded: fold(record.username.as_str()),
            email_folded: fold(record.email.as_str()),
            full_name_folded: record.displayed_full_name().as_deref().map(fold),
            last_name_folded: record.last_name.as_ref().map(|name| fold(name.as_str())),
            user,
        }
    }
}
