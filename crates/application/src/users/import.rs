//! Taking over users from elsewhere, many at once.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::audit::Event;
use domain::input::{Change, Credential, ImportedUser};
use domain::ports::{
    HashPasswordError, ImportProgress, SaveUserError, StorageError, StorageFault, UnitOfWork, UserNames,
};
use domain::user::{User, UserDraft, UserPatch};
use domain::values::{Digest, PasswordHash, UserUuid};
use domain::violation::{FieldViolation, Violation};

use super::change::Target;
use super::{ChangeUserError, Precondition, Users};
use crate::RequestContext;
use crate::recording::{Outcome, record};
use crate::retry::{Retryable, retry};

/// What is stored of a user who comes without a password: no password fits it.
const NO_PASSWORD: &str = "!";

/// What becomes of a record about somebody who is there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// It is passed over.
    Skip,
    /// It changes the user.
    Update,
    /// It is rejected.
    #[default]
    Fail,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported {
    /// A user was made.
    Created,
    /// A user was changed.
    Updated,
    /// Somebody is there already, and was left alone.
    Skipped,
    /// It cannot be taken over.
    Rejected(Vec<FieldViolation>),
}

/// Whether what became of a batch shall be final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It shall.
    Keep,
    /// Nothing of it shall have happened.
    Discard,
}

/// Records with everything slow done, and how far the import has come once they are stored.
#[derive(Debug, Clone)]
pub struct ImportBatch {
    /// The records, in order.
    pub users: Vec<PreparedImport>,
    /// What becomes of records about somebody who is there already.
    pub on_conflict: OnConflict,
    /// Which part of a source they are, where that is kept.
    pub source: Option<SourcePosition>,
}

/// Which part of a source a batch is.
#[derive(Debug, Clone, Copy)]
pub struct SourcePosition {
    /// Stands for the source.
    pub source: Digest,
    /// How many records came before this batch.
    pub from: i64,
    /// How many were dealt with after it, those that never became users included.
    pub to: i64,
    /// Stands for all records up to `to`.
    pub prefix: Digest,
    /// How many of them were rejected before they could become users.
    pub rejected: i64,
    /// Whether the source ends here.
    pub is_last: bool,
}

/// A record with its password hashed.
#[derive(Debug, Clone)]
pub struct PreparedImport {
    user: ImportedUser,
    hash: Option<PasswordHash>,
    uuid: UserUuid,
}

/// Why a batch was not taken over. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum ImportUsersError {
    /// The actor may not take over users.
    #[error("importing users is not allowed")]
    Forbidden,
    /// A password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashPasswordError),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// One of them stands in the way of the others; taken one by one, the others can be stored.
    #[error("a record stands in the way of others")]
    OneByOne,
}

impl Retryable for ImportUsersError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Storage(error) if error.is_retryable())
    }
}

impl Users {
    /// How far an import of this source has come.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    pub async fn import_progress(&self, source: Digest) -> Result<Option<ImportProgress>, StorageError> {
        self.ports.storage.begin().await?.imports().find(source).await
    }

    /// Does what is slow about a record, hashing its password, and leaves nothing behind. Several may be prepared at once.
    ///
    /// # Errors
    ///
    /// [`ImportUsersError::Forbidden`] before anything is hashed, and [`ImportUsersError::Hashing`].
    pub async fn prepare_import(
        &self,
        context: &RequestContext,
        mut user: ImportedUser,
    ) -> Result<PreparedImport, ImportUsersError> {
        if !context.actor.may(Permission::UsersCreate) {
            return Err(ImportUsersError::Forbidden);
        }
        let hash = match user.credential.take() {
            None => None,
            Some(Credential::Hash(hash)) => Some(hash),
            Some(Credential::Password(password)) => Some(self.ports.hasher.hash(password).await?),
        };
        let uuid = user.uuid.unwrap_or_else(|| UserUuid::new(self.ports.ids.uuid(self.ports.clock.now())));
        Ok(PreparedImport { user, hash, uuid })
    }

    /// Stores a batch, with its events and how far the import has come, all at once. What became of each record, in order.
    ///
    /// `before_commit` is told the same before anything is final, again with each attempt: whatever it says no to does not
    /// happen, so with [`Verdict::Discard`] it is a dry run.
    ///
    /// # Errors
    ///
    /// [`ImportUsersError`], by variant.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn import(
        &self,
        context: &RequestContext,
        batch: &ImportBatch,
        before_commit: &(dyn Fn(&[Imported]) -> Verdict + Send + Sync),
    ) -> Result<Vec<Imported>, ImportUsersError> {
        let may_update = batch.on_conflict != OnConflict::Update || context.actor.may(Permission::UsersUpdate);
        if !context.actor.may(Permission::UsersCreate) || !may_update {
            return Err(ImportUsersError::Forbidden);
        }
        let now = self.ports.clock.now();
        retry(&*self.ports.backoff, || self.try_import(context, batch, before_commit, now)).await
    }

    async fn try_import(
        &self,
        context: &RequestContext,
        batch: &ImportBatch,
        before_commit: &(dyn Fn(&[Imported]) -> Verdict + Send + Sync),
        now: DateTime<Utc>,
    ) -> Result<Vec<Imported>, ImportUsersError> {
        let mut unit = self.ports.storage.begin().await?;
        let mut taking = Taking { users: self, context, now, events: Vec::new() };
        let mut outcomes = vec![None; batch.users.len()];
        let mut rest: Vec<_> = batch.users.iter().enumerate().collect();
        // Records that speak of the same names one after the other see what became of the one before.
        while !rest.is_empty() {
            let (now_due, later) = without_doubles(rest);
            rest = later;
            for (index, outcome) in taking.take(&mut *unit, now_due, batch.on_conflict).await? {
                if let Some(place) = outcomes.get_mut(index) {
                    *place = Some(outcome);
                }
            }
        }
        let outcomes: Vec<_> = outcomes.into_iter().flatten().collect();
        if before_commit(&outcomes) == Verdict::Discard {
            return Ok(outcomes);
        }
        let events = taking.events;
        if let Some(position) = &batch.source {
            save_progress(&mut *unit, position, &outcomes, now).await?;
        } else if events.is_empty() {
            return Ok(outcomes);
        }
        record(unit, context, &self.ports, now, events, Outcome::Done).await?;
        Ok(outcomes)
    }
}

/// What one unit of work takes over.
struct Taking<'a> {
    users: &'a Users,
    context: &'a RequestContext,
    now: DateTime<Utc>,
    events: Vec<Event>,
}

impl Taking<'_> {
    async fn take(
        &mut self,
        unit: &mut dyn UnitOfWork,
        batch: Vec<Numbered<'_>>,
        on_conflict: OnConflict,
    ) -> Result<Vec<(usize, Imported)>, ImportUsersError> {
        let names: Vec<_> = batch.iter().map(|(_, prepared)| names_of(prepared)).collect();
        let in_the_way = InTheWay::of(unit.users().find_in_the_way(&names).await?);
        let given: Vec<_> = batch.iter().filter_map(|(_, prepared)| prepared.user.uuid).collect();
        let erased = if given.is_empty() { Vec::new() } else { unit.users().find_erased(&given).await? };
        let (mut outcomes, mut drafts) = (Vec::with_capacity(batch.len()), Vec::new());
        for ((index, prepared), names) in batch.into_iter().zip(&names) {
            let others = in_the_way.of_names(names);
            let outcome = match (others.as_slice(), on_conflict) {
                _ if erased.contains(&prepared.uuid) => rejected("/uuid", "erased", "This person was erased"),
                ([], _) => {
                    let hash =
                        prepared.hash.clone().unwrap_or_else(|| PasswordHash::from_stored(NO_PASSWORD.to_owned()));
                    let created_by = self.context.actor.uuid();
                    let (draft, events) =
                        UserDraft::imported(prepared.user.clone(), hash, prepared.uuid, created_by, self.now);
                    drafts.push(draft);
                    self.events.extend(events.into_iter().map(Event::from));
                    Imported::Created
                }
                (_, OnConflict::Skip) => Imported::Skipped,
                ([user], OnConflict::Update) if !user.is_deleted() => self.update(unit, user, prepared).await?,
                (others, OnConflict::Update | OnConflict::Fail) => Imported::Rejected(conflicts(others, names)),
            };
            outcomes.push((index, outcome));
        }
        unit.users().insert_many(&drafts).await?;
        Ok(outcomes)
    }

    async fn update(
        &mut self,
        unit: &mut dyn UnitOfWork,
        user: &User,
        prepared: &PreparedImport,
    ) -> Result<Imported, ImportUsersError> {
        let patch = patch_of(prepared, user);
        let target = Target::living(user.uuid().into(), Precondition::None);
        let by = self.context.actor.uuid();
        let transition = |user: &mut User, now| Ok::<_, ChangeUserError>(user.update(patch.clone(), by, now));
        let changed = self.users.change_in(unit, self.context, &target, &transition, self.now).await;
        match changed {
            Ok(changed) if changed.events.is_empty() => Ok(Imported::Skipped),
            Ok(changed) => {
                self.events.extend(changed.events);
                Ok(Imported::Updated)
            }
            Err(ChangeUserError::LastAdministrator) => {
                Ok(rejected("", "last_administrator", "The last active administrator cannot be taken away"))
            }
            Err(ChangeUserError::Storage(error)) => Err(error.into()),
            // The unit has met an error and is good for nothing any more.
            Err(_) => Err(ImportUsersError::OneByOne),
        }
    }
}

impl From<SaveUserError> for ImportUsersError {
    fn from(error: SaveUserError) -> Self {
        match error {
            SaveUserError::Storage(error) => Self::Storage(error),
            // Somebody came in between: look again.
            SaveUserError::UsernameTaken
            | SaveUserError::EmailTaken
            | SaveUserError::ExternalIdTaken
            | SaveUserError::UuidTaken
            | SaveUserError::StaleVersion => Self::Storage(StorageError::new(StorageFault::Retryable, error)),
        }
    }
}

async fn save_progress(
    unit: &mut dyn UnitOfWork,
    position: &SourcePosition,
    outcomes: &[Imported],
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let stored = unit.imports().find(position.source).await?;
    let seen = stored.as_ref().map(|stored| stored.records);
    // From the beginning means anew, also where an import has come to its end before.
    let before = stored.filter(|_| position.from > 0);
    if position.from > 0 && seen != Some(position.from) {
        return Err(StorageError::new(StorageFault::Failed, "another process goes on with the same import"));
    }
    let count = |is: fn(&Imported) -> bool| i64::try_from(outcomes.iter().filter(|one| is(one)).count()).unwrap_or(0);
    let so_far = |counted: fn(&ImportProgress) -> i64| before.as_ref().map_or(0, counted);
    let progress = ImportProgress {
        source: position.source,
        records: position.to,
        prefix: position.prefix,
        created: so_far(|before| before.created) + count(|one| matches!(one, Imported::Created)),
        updated: so_far(|before| before.updated) + count(|one| matches!(one, Imported::Updated)),
        skipped: so_far(|before| before.skipped) + count(|one| matches!(one, Imported::Skipped)),
        rejected: so_far(|before| before.rejected)
            + position.rejected
            + count(|one| matches!(one, Imported::Rejected(_))),
        started_at: before.as_ref().map_or(now, |before| before.started_at),
        updated_at: now,
        finished_at: position.is_last.then_some(now),
    };
    unit.imports().save(&progress, seen).await
}

/// A record and its place in the batch.
type Numbered<'a> = (usize, &'a PreparedImport);

/// The records of which none speaks of a name that another one before it speaks of, and the others.
fn without_doubles(batch: Vec<Numbered<'_>>) -> (Vec<Numbered<'_>>, Vec<Numbered<'_>>) {
    let mut seen = HashSet::new();
    let (mut due, mut later) = (Vec::with_capacity(batch.len()), Vec::new());
    for (index, prepared) in batch {
        // Also those of a record that has to wait: what comes after it waits for it, too.
        let doubles = own_names(&names_of(prepared)).filter(|name| !seen.insert(name.clone())).count();
        if doubles == 0 { due.push((index, prepared)) } else { later.push((index, prepared)) }
    }
    (due, later)
}

fn names_of(prepared: &PreparedImport) -> UserNames {
    let external_id = match &prepared.user.external_id {
        Change::Set(id) => Some(id.as_str().to_owned()),
        Change::Keep | Change::Clear => None,
    };
    UserNames {
        username_key: prepared.user.username.key(),
        email_key: prepared.user.email.key(),
        external_id,
        uuid: prepared.user.uuid,
    }
}

/// Users who may stand in the way, by what they hold.
struct InTheWay {
    users: Vec<User>,
    by_name: HashMap<String, usize>,
}

impl InTheWay {
    fn of(users: Vec<User>) -> Self {
        let mut by_name = HashMap::new();
        for (index, user) in users.iter().enumerate() {
            let record = user.record();
            let external_id = record.external_id.as_ref().map(|id| format!("x{}", id.as_str()));
            let held = [format!("n{}", record.username.key()), format!("e{}", record.email.key())];
            let held = held.into_iter().filter(|_| record.holds_names);
            let all = held.chain(external_id).chain([format!("u{}", record.uuid)]);
            by_name.extend(all.map(|name| (name, index)));
        }
        Self { users, by_name }
    }

    /// Those who hold one of these names, each once.
    fn of_names(&self, names: &UserNames) -> Vec<&User> {
        let mut found: Vec<_> = own_names(names).filter_map(|name| self.by_name.get(&name).copied()).collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|index| self.users.get(index)).collect()
    }
}

/// Each name with a letter for its kind.
fn own_names(names: &UserNames) -> impl Iterator<Item = String> {
    let UserNames { username_key, email_key, external_id, uuid } = names;
    let external_id = external_id.as_ref().map(|id| format!("x{id}"));
    [Some(format!("n{username_key}")), Some(format!("e{email_key}")), external_id, uuid.map(|uuid| format!("u{uuid}"))]
        .into_iter()
        .flatten()
}

/// Where the user has what the names ask for.
fn conflicting_members(user: &User, names: &UserNames) -> impl Iterator<Item = &'static str> {
    let record = user.record();
    let external_id = record.external_id.as_ref().map(domain::values::ExternalId::as_str);
    let same = [
        ("/username", record.holds_names && record.username.key() == names.username_key),
        ("/email", record.holds_names && record.email.key() == names.email_key),
        ("/external_id", names.external_id.is_some() && external_id == names.external_id.as_deref()),
        ("/uuid", names.uuid == Some(record.uuid)),
    ];
    same.into_iter().filter_map(|(member, is_same)| is_same.then_some(member))
}

fn conflicts(others: &[&User], names: &UserNames) -> Vec<FieldViolation> {
    let mut members: Vec<_> = others.iter().flat_map(|user| conflicting_members(user, names)).collect();
    members.sort_unstable();
    members.dedup();
    members.into_iter().map(|member| Violation::new("taken", "Another user has this").at(member)).collect()
}

fn rejected(member: &'static str, code: &'static str, detail: &'static str) -> Imported {
    Imported::Rejected(vec![Violation::new(code, detail).at(member)])
}

/// What the record says of a user who is there: what it does not mention stays.
fn patch_of(prepared: &PreparedImport, user: &User) -> UserPatch {
    let ImportedUser { username, email, full_name, first_name, last_name, role, is_active, .. } = prepared.user.clone();
    let metadata = |change: &Change<domain::values::Metadata>| match change {
        Change::Keep => None,
        Change::Clear => Some(domain::values::Metadata::empty()),
        Change::Set(metadata) => Some(metadata.clone()),
    };
    let stored = &user.record().password_hash;
    UserPatch {
        username: Some(username),
        email: Some(email),
        password_hash: prepared.hash.clone().filter(|hash| hash != stored),
        full_name,
        first_name,
        last_name,
        role,
        is_active,
        must_change_password: prepared.user.must_change_password,
        external_id: prepared.user.external_id.clone(),
        locale: prepared.user.locale.clone(),
        user_metadata: metadata(&prepared.user.user_metadata),
        app_metadata: metadata(&prepared.user.app_metadata),
    }
}
