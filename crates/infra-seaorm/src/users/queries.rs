//! Reading users, outside any unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{StorageError, StorageFault, UserQueries};
use domain::query::{DeletedScope, ListUsers, SEARCH_COUNT_CAP, SortKey, SortPosition, SortValue, Total, UserPage};
use domain::user::UserView;
use domain::values::{UserId, UserRef, UserUuid};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, FromQueryResult, IdenStatic,
    QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, Select, Statement,
};
use uuid::Uuid;

use super::conditions::row_by_row;
use super::entity::{Column, Entity};
use super::find::find;
use super::keyset::sort_column;
use super::listing::{TOTAL, page, total};
use super::row::ViewRow;
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
        let (users, next) = self.page(query).await?;
        Ok(UserPage { users, next, total: self.total(query).await? })
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

impl SeaOrmStorage {
    async fn page(&self, query: &ListUsers) -> Result<(Vec<UserView>, Option<SortPosition>), StorageError> {
        let Some(page) = page(self.backend(), query) else {
            return Ok((Vec::new(), None));
        };
        let mut rows = self.read(move |db| rows(db, page.clone())).await?;
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let more_follow = rows.len() > limit;
        rows.truncate(limit);
        let next = match rows.last() {
            Some(last) if more_follow => Some(position(last, query.sort.key).map_err(unreadable)?),
            Some(_) | None => None,
        };
        let users = rows.iter().map(view).collect::<Result<_, _>>()?;
        Ok((users, next))
    }

    async fn total(&self, query: &ListUsers) -> Result<Option<Total>, StorageError> {
        let Some(total) = total(self.backend(), query) else {
            return Ok(None);
        };
        let row = self.read(move |db| rows(db, total.clone())).await?;
        let count: i64 = match row.first() {
            Some(row) => row.try_get("", TOTAL).map_err(unreadable)?,
            None => 0,
        };
        let count = u64::try_from(count).unwrap_or_default();
        let capped = query.filter.search.is_some() && count > SEARCH_COUNT_CAP;
        Ok(Some(Total { count: if capped { SEARCH_COUNT_CAP } else { count }, capped }))
    }
}

async fn rows(db: DatabaseConnection, select: SelectStatement) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all(&select).await
}

async fn uuids(db: DatabaseConnection, select: Select<Entity>) -> Result<Vec<Uuid>, DbErr> {
    select.into_tuple().all(&db).await
}

fn view(row: &QueryResult) -> Result<UserView, StorageError> {
    Ok(ViewRow::from_query_result(row, "").map_err(unreadable)?.try_into()?)
}

fn position(row: &QueryResult, key: SortKey) -> Result<SortPosition, DbErr> {
    let value = match (key, sort_column(key)) {
        (SortKey::CreatedAt | SortKey::UpdatedAt, Some(column)) => {
            SortValue::Time(from_stored(row.try_get("", column.as_str())?))
        }
        (SortKey::Username | SortKey::Email, Some(column)) => SortValue::Text(row.try_get("", column.as_str())?),
        _ => SortValue::Id,
    };
    Ok(SortPosition { value, id: UserId::new(row.try_get("", "id")?) })
}

fn unreadable(error: DbErr) -> StorageError {
    StorageError::new(StorageFault::Failed, error)
}
