//! Many users at once: few statements, however many users.

use std::collections::{HashMap, HashSet};

use domain::ports::{SaveUserError, StorageError, UserNames};
use domain::user::{User, UserDraft, UserRecord};
use domain::values::UserUuid;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue, ColumnTrait as _, DbBackend, EntityTrait as _, FromQueryResult,
    IdenStatic as _, Iterable as _, QueryFilter as _, QueryOrder as _, QueryResult, QuerySelect as _, Statement, Value,
};
use uuid::Uuid;

use super::counts::Standing;
use super::entity::{Column, Entity};
use super::mapping::{to_row, to_user};
use crate::faults::{Failure, unreadable};
use crate::statements::{list_of, lists, parts, rows_of, statement};
use crate::unit::Unit;

/// Inserts them, and has the counters know of them.
pub(super) async fn insert(unit: &mut Unit, drafts: &[UserDraft]) -> Result<(), SaveUserError> {
    let backend = unit.backend();
    for part in parts(drafts, bytes) {
        let inserted =
            ids(unit, insert_statement(backend, part), part).await.map_err(|failure| unit.save_error(failure))?;
        let standings: HashMap<_, _> = part.iter().map(UserDraft::record).map(of_record).collect();
        for row in &inserted {
            let InsertedRow { id, uuid } = InsertedRow::from_query_result(row, "").map_err(unreadable)?;
            if let Some(standing) = standings.get(&uuid) {
                unit.counts.change(id, *standing);
            }
        }
    }
    // Only now: before, somebody who had one of these uuids may still have been about to be erased.
    let uuids: Vec<_> = drafts.iter().map(|draft| draft.record().uuid).collect();
    if erased(unit, &uuids).await?.is_empty() { Ok(()) } else { Err(SaveUserError::UuidTaken) }
}

/// The new users' numbers.
async fn ids(unit: &Unit, insert: Statement, part: &[UserDraft]) -> Result<Vec<QueryResult>, Failure> {
    let backend = unit.backend();
    if backend != DbBackend::MySql {
        return unit.try_rows(insert).await;
    }
    // MySQL returns no rows, and on a cluster the numbers are not one after the other.
    unit.try_execute(insert).await?;
    let sql = format!("SELECT id, uuid FROM users WHERE uuid IN ({})", list_of(part.len()));
    let uuids = part.iter().map(|draft| Value::from(draft.record().uuid.get()));
    unit.try_rows(statement(backend, &sql, uuids)).await
}

fn insert_statement(backend: DbBackend, part: &[UserDraft]) -> Statement {
    let columns: Vec<_> = columns().map(|column| column.as_str()).collect();
    let returning = if backend == DbBackend::MySql { "" } else { " RETURNING id, uuid" };
    let sql =
        format!("INSERT INTO users ({}) VALUES {}{returning}", columns.join(", "), rows_of(part.len(), columns.len()));
    statement(backend, &sql, part.iter().flat_map(|draft| values(draft.record())))
}

/// Every column but the number, which the database gives.
fn columns() -> impl Iterator<Item = Column> {
    Column::iter().filter(|column| !matches!(column, Column::Id))
}

fn values(record: &UserRecord) -> Vec<Value> {
    let mut row = to_row(record);
    let value = |column| match row.take(column) {
        ActiveValue::Set(value) | ActiveValue::Unchanged(value) => Some(value),
        ActiveValue::NotSet => None,
    };
    columns().filter_map(value).collect()
}

/// About how long the texts are.
fn bytes(draft: &UserDraft) -> usize {
    let record = draft.record();
    record.user_metadata.as_json().len() + record.app_metadata.as_json().len() + 2_048
}

fn of_record(record: &UserRecord) -> (Uuid, Standing) {
    (record.uuid.get(), Standing::of(record))
}

#[derive(Debug, FromQueryResult)]
struct InsertedRow {
    id: i64,
    uuid: Uuid,
}

/// Which of these uuids belonged to users who were erased.
pub(super) async fn erased(unit: &Unit, uuids: &[UserUuid]) -> Result<Vec<UserUuid>, StorageError> {
    let mut erased = Vec::new();
    for list in lists(uuids) {
        for row in unit.rows(tombstones(unit.backend(), &list)).await? {
            erased.push(UserUuid::new(row.try_get("", "uuid").map_err(unreadable)?));
        }
    }
    Ok(erased)
}

fn tombstones(backend: DbBackend, uuids: &[UserUuid]) -> Statement {
    let sql = format!("SELECT uuid FROM erased_users WHERE uuid IN ({})", list_of(uuids.len()));
    statement(backend, &sql, uuids.iter().map(|uuid| Value::from(uuid.get())))
}

/// Users who stand in the way of others with these names, locked.
pub(super) async fn in_the_way(unit: &mut Unit, names: &[UserNames]) -> Result<Vec<User>, StorageError> {
    let mut ids = HashSet::new();
    for (column, values) in asked(names) {
        for list in lists(&values) {
            for row in unit.rows(holders(unit.backend(), column, list)).await? {
                ids.insert(row.try_get::<i64>("", "id").map_err(unreadable)?);
            }
        }
    }
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    let mut users = Vec::new();
    for list in lists(&ids) {
        users.extend(locked(unit, list).await?);
    }
    Ok(users)
}

/// What is asked for, by column. PostgreSQL refuses to compare with a NUL, which nobody's name holds.
fn asked(names: &[UserNames]) -> [(&'static str, Vec<Value>); 4] {
    let texts = |text: fn(&UserNames) -> Option<&str>| -> Vec<Value> {
        names.iter().filter_map(text).filter(|text| !text.contains('\0')).map(Value::from).collect()
    };
    let uuids = names.iter().filter_map(|names| names.uuid).map(|uuid| Value::from(uuid.get())).collect();
    [
        ("username_key", texts(|names| Some(&names.username_key))),
        ("email_key", texts(|names| Some(&names.email_key))),
        ("external_id", texts(|names| names.external_id.as_deref())),
        ("uuid", uuids),
    ]
}

fn holders(backend: DbBackend, column: &str, values: Vec<Value>) -> Statement {
    let sql = format!("SELECT id FROM users WHERE {column} IN ({})", list_of(values.len()));
    statement(backend, &sql, values)
}

/// Each with the index that it reads.
pub(crate) fn statements(backend: DbBackend, user: UserUuid) -> Vec<(&'static str, Statement)> {
    let names = UserNames {
        username_key: "user00042".to_owned(),
        email_key: "user00042@example.org".to_owned(),
        external_id: Some("x42".to_owned()),
        uuid: Some(user),
    };
    let indexes = ["uq_users_username_key", "uq_users_email_key", "uq_users_external_id", "uq_users_uuid"];
    let holders = asked(&[names]).map(|(column, values)| holders(backend, column, values));
    indexes.into_iter().zip(holders).chain([("uq_erased_users_uuid", tombstones(backend, &[user]))]).collect()
}

/// In the order of their numbers, so that none who does so waits for another in a circle.
async fn locked(unit: &mut Unit, ids: Vec<i64>) -> Result<Vec<User>, StorageError> {
    let select = Entity::find().filter(Column::Id.is_in(ids)).order_by_asc(Column::Id).lock_exclusive();
    let rows = unit
        .ask(|transaction| async move { select.all(&*transaction).await })
        .await
        .map_err(|failure| unit.storage_error(failure))?;
    let users: Vec<User> = rows.into_iter().map(to_user).collect::<Result<_, _>>()?;
    for user in &users {
        unit.counts.learn(user.id().get(), Standing::of(user.record()));
    }
    Ok(users)
}
