//! Reading users, outside any unit of work.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::ports::{StorageError, UserQueries};
use domain::query::{
    DeletedScope, ListUsers, SEARCH_COUNT_CAP, Search, SortKey, SortPosition, SortValue, Total, UserPage,
};
use domain::user::UserView;
use domain::values::{UserId, UserRef, UserUuid};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, FromQueryResult, IdenStatic,
    QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, Select, Statement,
};
use uuid::Uuid;

use super::conditions::row_by_row;
use super::deep::Page;
use super::entity::{Column, Entity};
use super::find::{export, find};
use super::first_pages::statement_of_page;
use super::keyset::folded_column;
use super::listing::{Answer, Counted, TOTAL, total_beside};
use super::places::Places;
use super::row::ViewRow;
use super::{deep, inside, last_login, listing};
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
        let places = self.places();
        let ask = move |db| both(db, asked.clone(), Arc::clone(&places));
        let answer = self.read(ask).await?;
        let total = answer.total.map(|Counted { count, capped }| Total { count, capped });
        let (users, next) = page_of(answer, query)?;
        Ok(UserPage { users, next, total })
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

/// The rows of the page, none if only the total is wanted, and the total, if it is.
async fn both(db: DatabaseConnection, query: ListUsers, places: Arc<Places>) -> Result<Answer, DbErr> {
    if let Some(Search::Within(text)) = &query.filter.search {
        return inside::answer(&db, &query, text).await;
    }
    let backend = db.get_database_backend();
    let Page { rows, total } = match deep::rows(&db, &query, &places).await? {
        Some(deep) => deep,
        None if query.sort.key == SortKey::LastLoginAt && query.limit > 0 => {
            Page { rows: last_login::rows(&db, &query).await?, total: None }
        }
        None => match statement_of_page(backend, &query) {
            Some(page) => with_total(db.query_all_raw(page).await?, total_beside(backend, &query).is_some())?,
            None => Page::default(),
        },
    };
    let total = match (total, &listing::total(backend, &query)) {
        (Some(total), _) => Some(total),
        (None, Some(select)) => Some(db.query_one(select).await?.map_or(Ok(0), |row| row.try_get("", TOTAL))?),
        (None, None) => None,
    };
    Ok(Answer { rows, cut_at: None, total: total.map(|total| counted(total, &query)) })
}

fn with_total(rows: Vec<QueryResult>, has_total: bool) -> Result<Page, DbErr> {
    let total = rows.first().filter(|_| has_total).map(|row| row.try_get("", TOTAL)).transpose()?;
    Ok(Page { rows, total })
}

fn page_of(answer: Answer, query: &ListUsers) -> Result<(Vec<UserView>, Option<SortPosition>), StorageError> {
    let Answer { mut rows, cut_at, .. } = answer;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let more_follow = rows.len() > limit;
    rows.truncate(limit);
    let next = match rows.last().filter(|_| more_follow).or(cut_at.as_ref()) {
        Some(last) => Some(position(last, query.sort.key).map_err(unreadable)?),
        None => None,
    };
    Ok((rows.iter().map(view).collect::<Result<_, _>>()?, next))
}

fn counted(count: i64, query: &ListUsers) -> Counted {
    let count = u64::try_from(count).unwrap_or_default();
    let capped = query.filter.search.is_some() && count > SEARCH_COUNT_CAP;
    Counted { count: if capped { SEARCH_COUNT_CAP } else { count }, capped }
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
