//! Reading users as they were committed last.

use std::ops::Bound;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ports::{StorageError, UserQueries};
use domain::query::{CountMode, DeletedScope, ListUsers, SEARCH_COUNT_CAP, SortPosition, Total, UserPage, Window};
use domain::user::UserView;
use domain::values::{UserId, UserRef, UserUuid};

use crate::MemoryStorage;
use crate::listing::{is_within, matches, order, position};
use crate::tables::{Row, Tables};

#[async_trait]
impl UserQueries for MemoryStorage {
    async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<UserView>, StorageError> {
        let tables = self.committed.tables();
        Ok(tables.find(user).filter(|row| is_within(scope, &row.user)).map(|row| tables.view(row)))
    }

    async fn list(&self, query: &ListUsers) -> Result<UserPage, StorageError> {
        Ok(page(&self.committed.tables(), query))
    }

    async fn export(&self, after: UserId, limit: u32) -> Result<Vec<UserView>, StorageError> {
        let tables = self.committed.tables();
        let behind = tables.users.range((Bound::Excluded(after), Bound::Unbounded)).map(|(_, row)| row);
        let living = behind.filter(|row| !row.user.is_deleted());
        Ok(living.take(limit as usize).map(|row| tables.view(row)).collect())
    }

    async fn suspensions_ended(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<UserUuid>, StorageError> {
        let tables = self.committed.tables();
        let mut ended: Vec<_> = tables.users.values().filter_map(|row| suspension_ended(row, now)).collect();
        ended.sort_unstable();
        Ok(ended.into_iter().take(limit as usize).map(|(_, uuid)| uuid).collect())
    }
}

fn page(tables: &Tables, query: &ListUsers) -> UserPage {
    let in_order = |one: &SortPosition, other: &SortPosition| order(query.sort, one, other);
    let mut found: Vec<(SortPosition, &Row)> = tables
        .users
        .values()
        .filter(|row| matches(&query.filter, row))
        .map(|row| (position(query.sort.key, tables, row), row.as_ref()))
        .collect();
    found.sort_unstable_by(|(one, _), (other, _)| in_order(one, other));

    let total = match query.count {
        CountMode::Exact => Some(total(found.len() as u64, query.filter.search.is_some())),
        CountMode::None => None,
    };
    let before = match &query.window {
        Window::Skip(skip) => usize::try_from(*skip).unwrap_or(usize::MAX),
        Window::After(last) => found.partition_point(|(position, _)| in_order(position, last).is_le()),
    };
    let mut rest = found.into_iter().skip(before);
    let shown: Vec<_> = rest.by_ref().take(query.limit as usize).collect();
    let next = shown.last().map(|(position, _)| position.clone()).filter(|_| rest.next().is_some());
    UserPage { users: shown.into_iter().map(|(_, row)| tables.view(row)).collect(), total, next }
}

fn total(matching: u64, searching: bool) -> Total {
    if searching && matching > SEARCH_COUNT_CAP {
        return Total { count: SEARCH_COUNT_CAP, capped: true };
    }
    Total { count: matching, capped: false }
}

fn suspension_ended(row: &Row, now: DateTime<Utc>) -> Option<(DateTime<Utc>, UserUuid)> {
    let until = row.user.record().suspended_until?;
    (until <= now && !row.user.is_active() && !row.user.is_deleted()).then_some((until, row.user.uuid()))
}
