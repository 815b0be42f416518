//! Reading users, outside any unit of work.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::ports::{StorageError, UserQueries};
use domain::query::{DeletedScope, ListUsers, SEARCH_COUNT_CAP, SortKey, SortPosition, SortValue, Total, UserPage};
use domain::user::UserView;
use domain::values::{UserId, UserRef, UserUuid};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, FromQueryResult, IdenStatic,
    QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, Select, Statement,
};
use uuid::Uuid;

use super::conditions::row_by_row;
use super::entity::{Column, Entity};
use super::find::{export, find};
use super::keyset::folded_column;
use super::last_login;
use super::listing::{TOTAL, page, total};
use super::row::ViewRow;
use crate::faults::unreadable;
use crate::moments::{from_stored, to_stored};
use crate::storage::SeaOrmStorage;

#[async_trait]
impl UserQueries for SeaOrmStorage {
    async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<UserView>, StorageError> {
        let Some(row) = self.read(move |db| find(db, user)).await? else {
            return Ok(None);
        };
        let view = UserView::try_from(row)?;
        let is_within = match scope {
            DeletedScope::Live => view.deleted_at.is_none(),
            DeletedScope::All => true,
            DeletedScope::Only => view.deleted_at.is_some(),
        };
        Ok(is_within.then_some(view))
    }

    async fn list(&self, query: &ListUsers) -> Result<UserPage, StorageError> {
        let asked = query.clone();
        // One question, so that both are answered in time or neither is.
        let ask = move |db| both(db, asked.clone());
        let (rows, sum) = self.read(ask).await?;
        let (users, next) = page_of(rows, query)?;
        Ok(UserPage { users, next, total: sum.map(|sum| total_of(&sum, query)).transpose()? })
    }

    async fn export(&self, after: UserId, limit: u32) -> Result<Vec<UserView>, StorageError> {
        let page = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut after, mut living) = (after, Vec::new());
        while living.len() < page {
            let rows = self.rows_of(export(self.backend(), after, limit)).await?;
            let users = rows.iter().map(view).collect::<Result<Vec<_>, _>>()?;
            let last = users.last().map(|user| user.id);
            living.extend(users.into_iter().filter(|user| user.deleted_at.is_none()));
            match last {
                Some(last) if rows.len() == page => after = last,
                Some(_) | None => break,
            }
        }
        living.truncate(page);
        Ok(living)
    }

    async fn suspensions_ended(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError> {
        let ended = ended(now, limit);
        let uuids = self.read(move |db| uuids(db, ended.clone())).await?;
        Ok(uuids.into_iter().map(UserUuid::new).collect())
    }
}

/// The statement behind [`UserQueries::suspensions_ended`], so that adapters can look at its plan.
pub fn suspensions_ended_statement(backend: DbBackend, now: DateTime<Utc>, limit: u32) -> Statement {
    ended(now, limit).build(backend)
}

fn ended(now: DateTime<Utc>, limit: u32) -> Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::Uuid)
        .filter(Column::SuspendedUntil.lte(to_stored(now)))
        .filter(row_by_row(Column::IsActive.eq(false)))
        .filter(row_by_row(Column::DeletedAt.is_null()))
        .order_by_asc(Column::SuspendedUntil)
        .order_by_asc(Column::Id)
        .limit(u64::from(limit))
}

/// The rows of the page, none if only the total is wanted, and those of the total, if it is.
async fn both(db: DatabaseConnection, query: ListUsers) -> Result<(Vec<QueryResult>, Option<Vec<QueryResult>>), DbErr> {
    let backend = db.get_database_backend();
    let page = match page(backend, &query) {
        Some(_) if query.sort.key == SortKey::LastLoginAt => last_login::rows(&db, &query).await?,
        Some(page) => db.query_all(&page).await?,
        None => Vec::new(),
    };
    let total = match &total(backend, &query) {
        Some(total) => Some(db.query_all(total).await?),
        None => None,
    };
    Ok((page, total))
}

fn page_of(
    mut rows: Vec<QueryResult>,
    query: &ListUsers,
) -> Result<(Vec<UserView>, Option<SortPosition>), StorageError> {
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let more_follow = rows.len() > limit;
    rows.truncate(limit);
    let next = match rows.last() {
        Some(last) if more_follow => Some(position(last, query.sort.key).map_err(unreadable)?),
        Some(_) | None => None,
    };
    Ok((rows.iter().map(view).collect::<Result<_, _>>()?, next))
}

fn total_of(rows: &[QueryResult], query: &ListUsers) -> Result<Total, StorageError> {
    let count: i64 = match rows.first() {
        Some(row) => row.try_get("", TOTAL).map_err(unreadable)?,
        None => 0,
    };
    let count = u64::try_from(count).unwrap_or_default();
    let capped = query.filter.search.is_some() && count > SEARCH_COUNT_CAP;
    Ok(Total { count: if capped { SEARCH_COUNT_CAP } else { count }, capped })
}

async fn uuids(db: DatabaseConnection, select: Select<Entity>) -> Result<Vec<Uuid>, DbErr> {
    select.into_tuple().all(&db).await
}

fn view(row: &QueryResult) -> Result<UserView, StorageError> {
    Ok(ViewRow::from_query_result(row, "").map_err(unreadable)?.try_into()?)
}

fn position(row: &QueryResult, key: SortKey) -> Result<SortPosition, DbErr> {
    let value = match key {
        SortKey::Id => SortValue::Id,
        SortKey::CreatedAt | SortKey::UpdatedAt => SortValue::Time(from_stored(row.try_get("", key.as_str())?)),
        SortKey::LastLoginAt => {
            let at: Option<NaiveDateTime> = row.try_get("", key.as_str())?;
            at.map_or(SortValue::Never, |at| SortValue::Time(from_stored(at)))
        }
        SortKey::Username | SortKey::Email => match folded_column(key) {
            Some(column) => SortValue::Text(row.try_get("", column.as_str())?),
            None => SortValue::Id,
        },
    };
    Ok(SortPosition { value, id: UserId::new(row.try_get("", "id")?) })
}
