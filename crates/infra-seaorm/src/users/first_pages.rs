//! The statements of first pages: most lists that are asked for are, and to build one costs more than to render its answer.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::sync::{LazyLock, PoisonError, RwLock};

use domain::query::{CountMode, ListUsers, StandingFilter, UserSort, Window};
use sea_orm::{DbBackend, Statement};

use super::listing::page;

/// So many are kept: a few for each order, filter and size that people use.
const MOST: usize = 256;

/// What a first page's statement depends on.
#[derive(PartialEq, Eq, Hash)]
struct Kind {
    backend: Discriminant<DbBackend>,
    standing: StandingFilter,
    sort: UserSort,
    limit: u32,
    counts: bool,
}

impl Kind {
    /// Nothing, where the statement holds what somebody typed.
    fn of(backend: DbBackend, query: &ListUsers) -> Option<Self> {
        let ListUsers { filter, sort, window, limit, count } = query;
        let is_first = *window == Window::Skip(0);
        let standing = filter.standing().filter(|_| is_first)?;
        let counts = *count == CountMode::Exact;
        Some(Self { backend: discriminant(&backend), standing, sort: *sort, limit: *limit, counts })
    }
}

static BUILT: LazyLock<RwLock<HashMap<Kind, Statement>>> = LazyLock::new(RwLock::default);

/// The statement of [`page`].
pub(super) fn statement_of_page(backend: DbBackend, query: &ListUsers) -> Option<Statement> {
    let anew = || page(backend, query).map(|page| backend.build(&page));
    let Some(kind) = Kind::of(backend, query) else { return anew() };
    if let Some(built) = BUILT.read().unwrap_or_else(PoisonError::into_inner).get(&kind) {
        return Some(built.clone());
    }
    let statement = anew()?;
    let mut built = BUILT.write().unwrap_or_else(PoisonError::into_inner);
    if built.len() >= MOST {
        built.clear();
    }
    built.insert(kind, statement.clone());
    Some(statement)
}

#[cfg(test)]
mod tests {
    use domain::query::{DeletedScope, SortKey, UserFilter};
    use domain::values::Role;

    use super::*;

    fn every_kind() -> impl Iterator<Item = ListUsers> {
        let sorts =
            SortKey::ALL.into_iter().flat_map(|key| [true, false].map(|descending| UserSort { key, descending }));
        let filters = [None, Some(Role::User), Some(Role::Admin)].into_iter().flat_map(|role| {
            [None, Some(true), Some(false)].into_iter().flat_map(move |is_active| {
                [DeletedScope::Live, DeletedScope::All, DeletedScope::Only].map(|deleted| UserFilter {
                    role,
                    is_active,
                    deleted,
                    ..UserFilter::default()
                })
            })
        });
        sorts.flat_map(move |sort| {
            filters.clone().flat_map(move |filter| {
                [(CountMode::Exact, 10), (CountMode::None, 100)].map(|(count, limit)| ListUsers {
                    filter: filter.clone(),
                    sort,
                    count,
                    limit,
                    window: Window::Skip(0),
                })
            })
        })
    }

    #[test]
    fn what_is_kept_is_what_would_be_built() {
        for backend in [DbBackend::MySql, DbBackend::Postgres, DbBackend::Sqlite] {
            for query in every_kind().chain(every_kind()) {
                let built = backend.build(&page(backend, &query).expect("a page has rows"));
                assert_eq!(statement_of_page(backend, &query), Some(built), "{query:?}");
            }
        }
        assert!(BUILT.read().unwrap().len() <= MOST);
    }

    #[test]
    fn other_pages_are_built_each_time() {
        let third = ListUsers { window: Window::Skip(20), limit: 10, ..ListUsers::default() };
        let named = UserFilter { username: Some("ann".into()), ..UserFilter::default() };
        let named = ListUsers { filter: named, limit: 10, ..ListUsers::default() };
        for query in [third, named] {
            assert!(Kind::of(DbBackend::MySql, &query).is_none(), "{query:?}");
            assert!(statement_of_page(DbBackend::MySql, &query).is_some());
        }
        let totals_alone = ListUsers::default();
        assert_eq!(statement_of_page(DbBackend::MySql, &totals_alone), None);
    }
}
