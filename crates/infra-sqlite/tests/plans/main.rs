//! How SQLite finds what is asked for, with statistics (`ANALYZE`) and, as after a fresh start, without.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod signing_in;
mod trail;

use std::time::Duration;

use domain::query::{CountMode, DeletedScope, ListUsers, Search, SortKey, UserFilter, UserSort, Window};
use infra_seaorm::{deep_page_statements, listing_statements, suspensions_ended_statement};
use infra_sqlite::{SqliteSettings, SqliteStorage};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use testkit::listings::{
    SEARCHED, after, at, common, deep_pages, every_common_listing, every_sort, index_of, page, ranges_of, rare,
    sign_ins,
};

#[tokio::test]
async fn every_sort_reads_its_index_in_order_and_only_as_far_as_the_page() {
    for crowd in crowds().await {
        for (sort, filter) in every_common_listing() {
            for window in [Window::Skip(0), after(sort.key)] {
                let plan = crowd.plan_of(&page(filter.clone(), sort, window.clone())).await;
                let [step] = plan.as_slice() else {
                    panic!("more than one step, so it sorts: {sort:?} {filter:?} {plan:?}")
                };
                let index = index_of(sort.key);
                let fits = match (index, &window) {
                    // The table itself is in the order of the ids, and every index goes on in it.
                    (None, Window::Skip(_)) => step.starts_with("SCAN users") || step.starts_with("SEARCH users"),
                    (None, Window::After(_)) => step.contains("rowid") || step.contains("AND id"),
                    (Some(index), Window::Skip(_)) => step == &format!("SCAN users USING INDEX {index}"),
                    (Some(index), Window::After(_)) => step.starts_with(&format!("SEARCH users USING INDEX {index} (")),
                };
                assert!(fits, "{sort:?} {window:?} {filter:?} {step}");
            }
        }
    }
}

#[tokio::test]
async fn what_few_users_have_is_looked_for_by_its_index() {
    for crowd in crowds().await {
        for (sort, (filter, index)) in every_sort().flat_map(|sort| rare().into_iter().map(move |rare| (sort, rare))) {
            let plan = crowd.plan_of(&page(filter, sort, Window::Skip(0))).await;
            assert!(plan.concat().starts_with("SEARCH users USING"), "{sort:?} {plan:?}");
            assert!(plan.concat().contains(&format!("INDEX {index} (")), "{sort:?} {plan:?}");
        }
        let created = UserFilter { created_after: Some(at("2026-01-03T00:00:00Z")), ..UserFilter::default() };
        let by_time = UserSort { key: SortKey::CreatedAt, descending: true };
        let plan = crowd.plan_of(&page(created, by_time, Window::Skip(0))).await;
        assert_eq!(plan, ["SEARCH users USING INDEX ix_users_created_at (created_at>?)"]);
        let deleted = UserFilter { deleted: DeletedScope::Only, ..UserFilter::default() };
        for window in [Window::Skip(0), after(SortKey::Id)] {
            let plan = crowd.plan_of(&page(deleted.clone(), UserSort::default(), window)).await;
            assert!(plan.concat().starts_with("SEARCH users USING INDEX ix_users_deleted_at (deleted_at>"), "{plan:?}");
        }
    }
}

#[tokio::test]
async fn a_search_reads_one_range_of_each_searched_column() {
    for crowd in crowds().await {
        for (sort, filter) in every_common_listing() {
            for window in [Window::Skip(0), after(sort.key)] {
                let filter = UserFilter { search: Some(Search::Beginning("user0004".to_owned())), ..filter.clone() };
                let query = ListUsers { count: CountMode::Exact, ..page(filter, sort, window) };
                for plan in crowd.plans_of(&query).await {
                    for column in SEARCHED {
                        let range = format!("INDEX ix_users_{column} (");
                        let count = plan
                            .iter()
                            .filter(|step| step.starts_with("SEARCH users") && step.contains(&range))
                            .count();
                        assert!(ranges_of(column).contains(&count), "{column} {query:?} {plan:?}");
                    }
                    assert!(!plan.iter().any(|step| step.starts_with("SCAN users")), "{query:?} {plan:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_search_inside_reads_the_index_of_pieces_or_so_many_users_in_order() {
    for crowd in crowds().await {
        for (sort, filter) in every_common_listing() {
            for window in [Window::Skip(0), after(sort.key)] {
                let filter = UserFilter { search: Some(Search::Within("ser0004".to_owned())), ..filter.clone() };
                let query = ListUsers { count: CountMode::Exact, ..page(filter, sort, window) };
                let plans = crowd.plans_of(&query).await;
                let [page, total, looked_at, counted] = plans.as_slice() else { panic!("{query:?} {plans:?}") };
                for plan in [page, total] {
                    assert!(
                        plan.iter().any(|step| step.starts_with("SCAN user_search VIRTUAL TABLE INDEX")),
                        "{plan:?}"
                    );
                    assert!(!plan.iter().any(|step| step.starts_with("SCAN users")), "{query:?} {plan:?}");
                }
                if let Some(index) = index_of(sort.key) {
                    assert!(looked_at.iter().any(|step| step.contains(index)), "{query:?} {looked_at:?}");
                }
                for plan in [looked_at, counted] {
                    assert!(!plan.iter().any(|step| step.contains("user_search")), "{plan:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn totals_by_role_and_state_are_counted_without_a_look_at_the_users() {
    let [.., crowd] = crowds().await;
    let few = rare().into_iter().take(3).map(|(filter, _)| filter);
    for filter in common().into_iter().chain(few) {
        let query = ListUsers { filter, limit: 0, ..ListUsers::default() };
        let plan = crowd.plan_of(&query).await;
        let [step] = plan.as_slice() else { panic!("more than one step: {query:?} {plan:?}") };
        assert!(
            step.starts_with("SEARCH user_sums USING PRIMARY KEY (level=? AND parent=?")
                || step.contains("sqlite_autoindex_user_sums_1 (level=? AND parent=?"),
            "{query:?} {step}"
        );
    }
    let created = UserFilter { created_after: Some(at("2026-01-03T00:00:00Z")), ..UserFilter::default() };
    let query = ListUsers { filter: created, limit: 0, ..ListUsers::default() };
    let plan = crowd.plan_of(&query).await.concat();
    assert!(plan.contains("USING COVERING INDEX"), "{query:?} {plan}");
}

#[tokio::test]
async fn a_deep_page_is_read_from_its_block_on() {
    for crowd in crowds().await {
        for query in deep_pages() {
            let mut plans = Vec::new();
            for statement in deep_page_statements(crowd.db.get_database_backend(), &query, 3) {
                plans.push(crowd.plan(statement).await);
            }
            let page = plans.pop().unwrap();
            assert_eq!(plans.len(), 3, "a level each");
            for plan in plans {
                let sums = |step: &String| step.starts_with("SEARCH user_sums ") && step.contains("parent=?");
                assert!(plan.iter().any(sums), "{plan:?}");
                assert!(!plan.iter().any(|step| step.starts_with("SCAN")), "{plan:?}");
            }
            let end = if query.sort.descending { "<?)" } else { ">?)" };
            let (from_the_block, others): (Vec<_>, Vec<_>) = page
                .iter()
                .filter(|step| step.contains(" users "))
                .partition(|step| step.ends_with(&format!("id{end}")));
            assert_eq!(from_the_block.len(), 1, "{query:?} {page:?}");
            assert_eq!(others, ["SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"], "{query:?} {page:?}");
        }
    }
}

#[tokio::test]
async fn ended_suspensions_are_read_in_the_order_of_their_ends() {
    for crowd in crowds().await {
        let statement = suspensions_ended_statement(crowd.db.get_database_backend(), at("2026-01-03T00:00:00Z"), 10);
        let plan = crowd.plan(statement).await;
        assert_eq!(plan, ["SEARCH users USING INDEX ix_users_suspended_until (suspended_until<?)"]);
    }
}

/// 5,000 users, of whom a tenth was deleted.
struct Crowd {
    db: DatabaseConnection,
    _storage: SqliteStorage,
}

/// One without statistics, one with.
async fn crowds() -> [Crowd; 2] {
    let (without, with) = (Crowd::new().await, Crowd::new().await);
    with.db.execute_unprepared("ANALYZE").await.unwrap();
    [without, with]
}

impl Crowd {
    async fn new() -> Self {
        let (url, acquire_timeout) = ("sqlite::memory:".to_owned(), Duration::from_secs(2));
        let storage = SqliteStorage::connect(&SqliteSettings { url, pool_size: 1, acquire_timeout }).await.unwrap();
        storage.migrate_up().await.unwrap();
        let db = storage.inner().pools().writer;
        db.execute_unprepared(CROWD).await.unwrap();
        for insert in sign_ins(|bytes| format!("randomblob({bytes})"), "randomblob(16)") {
            db.execute_unprepared(&insert).await.unwrap();
        }
        Self { db, _storage: storage }
    }

    /// The plan of the one statement that the listing takes, save that each row shown is looked up by its key for the last
    /// sign-in.
    async fn plan_of(&self, query: &ListUsers) -> Vec<String> {
        let [plan] = <[_; 1]>::try_from(self.plans_of(query).await).unwrap();
        let looks_up = |step: &String| step.starts_with("CORRELATED SCALAR SUBQUERY") || step == LAST_LOGIN;
        let (lookups, rest): (Vec<_>, _) = plan.into_iter().partition(looks_up);
        assert!(lookups.len() == if query.limit > 0 { 2 } else { 0 }, "{lookups:?} {rest:?}");
        rest
    }

    async fn plans_of(&self, query: &ListUsers) -> Vec<Vec<String>> {
        let mut plans = Vec::new();
        for statement in listing_statements(self.db.get_database_backend(), query) {
            plans.push(self.plan(statement).await);
        }
        plans
    }

    async fn plan(&self, mut statement: Statement) -> Vec<String> {
        statement.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
        let rows = self.db.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect()
    }
}

const LAST_LOGIN: &str = "SEARCH login_states USING INTEGER PRIMARY KEY (rowid=?)";

const CROWD: &str = "
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000),
named AS (SELECT n, printf('user%05d', n) AS name, datetime('2026-01-01', n || ' minutes') AS at FROM numbers)
INSERT INTO users (uuid, username, email, username_key, email_key, email_canonical, username_folded, email_folded,
  full_name_folded, last_name_folded, password_hash, password_changed_at, must_change_password, role, is_active,
  external_id, user_metadata, app_metadata, version, auth_epoch, created_at, updated_at, deleted_at)
SELECT randomblob(16), name, name || '@example.org', iif(n % 10, name, NULL), iif(n % 10, name || '@example.org', NULL),
  name || '@example.org', name, name || '@example.org', 'full ' || name, 'last ' || name, 'x', at, 0,
  CASE WHEN n % 500 = 1 THEN 'admin' WHEN n % 50 = 2 THEN 'moderator' ELSE 'user' END, n % 20 <> 3,
  iif(n % 3, 'x' || n, NULL), '{}', '{}', 1, 0, at, at, iif(n % 10, NULL, at)
FROM named";
