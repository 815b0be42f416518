//! The table `subject_keys`.

use async_trait::async_trait;
use domain::ports::{StorageError, SubjectKeyRepository, WrappedKey};
use domain::values::UserUuid;
use sea_orm::{DbBackend, FromQueryResult, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::faults::unreadable;
use crate::statements::{list_of, lists, statement};
use crate::unit::Unit;

#[async_trait]
impl SubjectKeyRepository for Unit {
    async fn find(&mut self, subjects: &[UserUuid]) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError> {
        self.enter()?;
        let mut found = Vec::new();
        for select in find(self.backend(), subjects) {
            found.extend(keys_in(&self.rows(select).await?)?);
        }
        self.succeed();
        Ok(found)
    }

    async fn insert(&mut self, keys: &[(UserUuid, WrappedKey)]) -> Result<(), StorageError> {
        self.enter()?;
        self.insert_rows(INSERT, keys, values, |_| 256).await.map_err(|failure| self.race_error(failure))?;
        self.succeed();
        Ok(())
    }

    async fn find_wrapped_otherwise(
        &mut self,
        key_id: &str,
        after: Option<UserUuid>,
        limit: u32,
    ) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError> {
        self.enter()?;
        let mut found = Vec::new();
        // A service has few keys: the people of each are in the order of an index, those of all but one are not.
        let mut last = String::new();
        while let Some(other) = self.next_key(&last).await? {
            if other != key_id {
                let rows = self.rows(wrapped_with(self.backend(), &other, after, limit)).await?;
                found.extend(keys_in(&rows)?);
            }
            last = other;
        }
        self.succeed();
        found.sort_unstable_by_key(|(subject, _)| subject.get());
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    async fn rewrap(&mut self, subject: UserUuid, from: &WrappedKey, to: &WrappedKey) -> Result<(), StorageError> {
        self.enter()?;
        let [to_id, to_bytes]: [Value; 2] = [to.key_id.as_str().into(), to.bytes.clone().into()];
        let values = [to_id, to_bytes, subject.get().into(), from.key_id.as_str().into(), from.bytes.clone().into()];
        self.execute(statement(self.backend(), REWRAP, values)).await?;
        self.succeed();
        Ok(())
    }
}

impl Unit {
    /// The service's key that comes after this one, if any key of a person was wrapped with it.
    async fn next_key(&self, last: &str) -> Result<Option<String>, StorageError> {
        let rows = self.rows(next_key(self.backend(), last)).await?;
        rows.first().map_or(Ok(None), |row| row.try_get("", "key_id")).map_err(unreadable)
    }
}

/// The statements that find the keys of these people.
pub(crate) fn find(backend: DbBackend, subjects: &[UserUuid]) -> Vec<Statement> {
    let select = |list: Vec<UserUuid>| {
        let sql = format!("{SELECT} WHERE subject_id IN ({})", list_of(list.len()));
        statement(backend, &sql, list.into_iter().map(|subject| subject.get().into()))
    };
    lists(subjects).into_iter().map(select).collect()
}

pub(crate) fn keys_in(rows: &[QueryResult]) -> Result<Vec<(UserUuid, WrappedKey)>, StorageError> {
    let key = |row| {
        let KeyRow { subject_id, key_id, wrapped } = KeyRow::from_query_result(row, "")?;
        Ok((UserUuid::new(subject_id), WrappedKey { key_id, bytes: wrapped }))
    };
    rows.iter().map(key).collect::<Result<_, _>>().map_err(unreadable)
}

#[derive(Debug, FromQueryResult)]
struct KeyRow {
    subject_id: Uuid,
    key_id: String,
    wrapped: Vec<u8>,
}

fn values((subject, key): &(UserUuid, WrappedKey)) -> [Value; 3] {
    [subject.get().into(), key.key_id.as_str().into(), key.bytes.clone().into()]
}

fn next_key(backend: DbBackend, last: &str) -> Statement {
    statement(backend, "SELECT MIN(key_id) AS key_id FROM subject_keys WHERE key_id > ?", [last.into()])
}

fn wrapped_with(backend: DbBackend, key_id: &str, after: Option<UserUuid>, limit: u32) -> Statement {
    // The service's own key is the nil UUID's, which comes after none.
    let beyond = if after.is_some() { "subject_id > ?" } else { "subject_id >= ?" };
    let sql = format!("{SELECT} WHERE key_id = ? AND {beyond} ORDER BY subject_id LIMIT ?");
    let after = after.map_or(Uuid::nil(), UserUuid::get);
    statement(backend, &sql, [key_id.into(), after.into(), i64::from(limit).into()])
}

/// Each with the index that it reads.
pub(crate) fn statements(backend: DbBackend, user: UserUuid) -> Vec<(&'static str, Statement)> {
    let by_subject = find(backend, &[user]).into_iter().map(|find| ("", find));
    let by_key = [next_key(backend, "k"), wrapped_with(backend, "k", Some(user), 10)];
    by_subject.chain(by_key.map(|select| ("ix_subject_keys_key", select))).collect()
}

const SELECT: &str = "SELECT subject_id, key_id, wrapped FROM subject_keys";
const INSERT: &str = "INSERT INTO subject_keys (subject_id, key_id, wrapped)";
const REWRAP: &str = "UPDATE subject_keys SET key_id = ?, wrapped = ? \
                      WHERE subject_id = ? AND key_id = ? AND wrapped = ?";
