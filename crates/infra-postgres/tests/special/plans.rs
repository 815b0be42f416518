//! How PostgreSQL finds what listings ask for.

use domain::query::{CountMode, DeletedScope, ListUsers, Search, SortKey, UserFilter, UserSort, Window};
use infra_seaorm::{deep_page_statements, listing_statements, suspensions_ended_statement};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};
use storage_contract::server::ServerDatabase;
use testkit::listings::{
    SEARCHED, SIGN_IN_TABLES, after, at, deep_pages, every_common_listing, index_of, page, ranges_of, rare, sign_ins,
};

use crate::server::Schema;

pub(crate) async fn every_sort_reads_an_index_in_order_and_only_as_far_as_the_page(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    for (sort, filter) in every_common_listing() {
        for window in [Window::Skip(0), after(sort.key)] {
            let plan = crowd.plan_of(&page(filter.clone(), sort, window.clone())).await;
            assert!(!plan.contains("Sort") && !plan.contains("Seq Scan"), "{sort:?} {window:?} {filter:?} {plan}");
            if let Some(index) = index_of(sort.key) {
                assert!(plan.contains(index), "{sort:?} {window:?} {filter:?} {plan}");
                assert_eq!(plan.contains("ROW("), window != Window::Skip(0), "{sort:?} {filter:?} {plan}");
            }
        }
    }
}

pub(crate) async fn what_few_users_have_is_looked_for_by_its_index(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    for (filter, index) in rare() {
        let plan = crowd.plan_of(&page(filter, UserSort::default(), Window::Skip(0))).await;
        assert!(plan.contains(index) && plan.contains("Index Cond"), "{plan}");
    }
    let deleted = UserFilter { deleted: DeletedScope::Only, ..UserFilter::default() };
    // From a position on, statistics decide between the index and the order of the ids.
    let plan = crowd.plan_of(&page(deleted, UserSort::default(), Window::Skip(0))).await;
    assert!(plan.contains("ix_users_deleted_at"), "{plan}");
    let created = UserFilter { created_after: Some(at("2026-01-04T00:00:00Z")), ..UserFilter::default() };
    let by_time = UserSort { key: SortKey::CreatedAt, descending: true };
    let plan = crowd.plan_of(&page(created, by_time, Window::Skip(0))).await;
    assert!(plan.contains("ix_users_created_at") && plan.contains("Index Cond"), "{plan}");
}

pub(crate) async fn a_search_reads_one_range_of_each_searched_column(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    for (sort, filter) in every_common_listing() {
        let filter = UserFilter { search: Some(Search::Beginning("user0004".to_owned())), ..filter };
        let query = ListUsers { count: CountMode::Exact, ..page(filter, sort, Window::Skip(0)) };
        for plan in crowd.plans_of(&query).await {
            for column in SEARCHED {
                let count = plan.matches(&format!("ix_users_{column}")).count();
                assert!(ranges_of(column).contains(&count), "{column} {query:?} {plan}");
            }
            assert!(!plan.contains("Seq Scan"), "{query:?} {plan}");
        }
    }
}

pub(crate) async fn a_search_inside_reads_the_index_of_pieces_or_so_many_users_in_order(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    for (sort, filter) in every_common_listing() {
        let filter = UserFilter { search: Some(Search::Within("ser0004".to_owned())), ..filter };
        let query = ListUsers { count: CountMode::Exact, ..page(filter, sort, Window::Skip(0)) };
        let plans = crowd.plans_of_many_users(&query).await;
        let [page, total, looked_at, _] = plans.as_slice() else { panic!("{query:?} {plans:?}") };
        for plan in [page, total] {
            assert!(plan.contains("ix_users_search") && !plan.contains("Seq Scan"), "{query:?} {plan}");
        }
        assert!(!looked_at.contains("ix_users_search"), "{query:?} {looked_at}");
        if let Some(index) = index_of(sort.key) {
            assert!(looked_at.contains(index), "{query:?} {looked_at}");
        }
    }
}

pub(crate) async fn totals_are_sums_over_counters_or_counted_by_an_index(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    let created = UserFilter { created_after: Some(at("2026-01-04T00:00:00Z")), ..UserFilter::default() };
    let plan = crowd.plan_of(&ListUsers { filter: created, limit: 0, ..ListUsers::default() }).await;
    assert!(plan.contains("ix_users_created_at") && !plan.contains("Seq Scan"), "{plan}");
    let few = rare().into_iter().take(3).map(|(filter, _)| filter);
    for filter in few.chain([UserFilter::default()]) {
        let plan = crowd.plan_of(&ListUsers { filter, limit: 0, ..ListUsers::default() }).await;
        assert!(plan.contains("user_sums") && !plan.contains(" users"), "{plan}");
    }
}

pub(crate) async fn a_deep_page_is_read_from_its_block_on(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    for query in deep_pages() {
        let mut plans = Vec::new();
        for statement in deep_page_statements(crowd.db.get_database_backend(), &query, 3) {
            plans.push(crowd.plan(statement).await);
        }
        let page = plans.pop().unwrap();
        assert_eq!(plans.len(), 3, "a level each");
        assert!(plans.iter().all(|plan| plan.contains("parent =") && !plan.contains(" users")), "{plans:?}");
        assert!(!page.contains("Seq Scan on users"), "{query:?} {page}");
        let end = if query.sort.descending { "id <= " } else { "id >= " };
        assert!(page.contains(end), "{query:?} {page}");
    }
}

pub(crate) async fn ended_suspensions_are_read_in_the_order_of_their_ends(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    let statement = suspensions_ended_statement(crowd.db.get_database_backend(), at("2026-01-03T00:00:00Z"), 10);
    let plan = crowd.plan(statement).await;
    assert!(plan.contains("ix_users_suspended_until") && !plan.contains("Sort"), "{plan}");
}

pub(crate) async fn a_name_that_no_index_entry_could_hold_is_stored_and_found(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    // Incompressible, so that the server cannot make it fit: an entry has at most 2,704 bytes.
    let long = "UPDATE users SET full_name_folded = (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 250) n) \
                WHERE id = 7";
    crowd.db.execute_unprepared(long).await.unwrap();
    let ask =
        Statement::from_string(crowd.db.get_database_backend(), "SELECT full_name_folded AS n FROM users WHERE id = 7");
    let name: String = crowd.db.query_one_raw(ask).await.unwrap().expect("user 7").try_get("", "n").unwrap();
    for (length, is_found) in [(3, true), (256, true), (257, true), (8000, true)] {
        for (searched, is_found) in
            [(name[..length].to_owned(), is_found), (name[..length - 1].to_owned() + "~", false)]
        {
            let filter = UserFilter { search: Some(Search::Beginning(searched)), ..UserFilter::default() };
            let [statement] = <[_; 1]>::try_from(listing_statements(
                crowd.db.get_database_backend(),
                &page(filter, UserSort::default(), Window::Skip(0)),
            ))
            .unwrap();
            let found = crowd.db.query_all_raw(statement).await.unwrap();
            let ids: Vec<i64> = found.iter().map(|row| row.try_get("", "id").unwrap()).collect();
            assert_eq!(ids.contains(&7), is_found, "{length}");
        }
    }
}

/// 5,041 users, of whom a tenth was deleted.
pub(crate) struct Crowd {
    pub(crate) db: DatabaseConnection,
}

impl Crowd {
    pub(crate) async fn new(schema: &Schema) -> Self {
        let db = schema.migrated().await.inner().pools().writer;
        db.execute_unprepared(CROWD).await.unwrap();
        let random = |bytes| format!("substr(sha256(convert_to(random()::text, 'UTF8')), 1, {bytes})");
        for insert in sign_ins(random, "gen_random_uuid()") {
            db.execute_unprepared(&insert).await.unwrap();
        }
        for table in SIGN_IN_TABLES.into_iter().chain(["users"]) {
            db.execute_unprepared(&format!("ANALYZE {table}")).await.unwrap();
        }
        Self { db }
    }

    /// The plan of the one statement that the listing takes.
    async fn plan_of(&self, query: &ListUsers) -> String {
        let [plan] = <[_; 1]>::try_from(self.plans_of(query).await).unwrap();
        plan
    }

    pub(crate) async fn plans_of(&self, query: &ListUsers) -> Vec<String> {
        let mut plans = Vec::new();
        for statement in listing_statements(self.db.get_database_backend(), query) {
            plans.push(self.plan(statement).await);
        }
        plans
    }

    /// As if there were so many users that nobody would read them all.
    async fn plans_of_many_users(&self, query: &ListUsers) -> Vec<String> {
        let transaction = self.db.begin().await.unwrap();
        transaction.execute_unprepared("SET LOCAL enable_seqscan = off").await.unwrap();
        let mut plans = Vec::new();
        for mut statement in listing_statements(self.db.get_database_backend(), query) {
            statement.sql.insert_str(0, "EXPLAIN ");
            let rows = transaction.query_all_raw(statement).await.unwrap();
            let lines: Vec<String> = rows.iter().map(|row| row.try_get("", "QUERY PLAN").unwrap()).collect();
            plans.push(lines.join("\n"));
        }
        transaction.rollback().await.unwrap();
        plans
    }

    pub(crate) async fn plan(&self, mut statement: Statement) -> String {
        statement.sql.insert_str(0, "EXPLAIN ");
        let rows = self.db.query_all_raw(statement).await.unwrap();
        let lines: Vec<String> = rows.iter().map(|row| row.try_get("", "QUERY PLAN").unwrap()).collect();
        lines.join("\n")
    }
}

const CROWD: &str = "
INSERT INTO users (uuid, username, email, username_key, email_key, email_canonical, username_folded, email_folded,
  full_name_folded, last_name_folded, password_hash, password_changed_at, must_change_password, role, is_active,
  external_id, user_metadata, app_metadata, version, auth_epoch, created_at, updated_at, deleted_at)
SELECT gen_random_uuid(), name, name || '@example.org', CASE WHEN n % 10 > 0 THEN name END,
  CASE WHEN n % 10 > 0 THEN name || '@example.org' END, name || '@example.org', name, name || '@example.org',
  'full ' || name, 'last ' || name, 'x', at, false,
  CASE WHEN n % 500 = 1 THEN 'admin' WHEN n % 50 = 2 THEN 'moderator' ELSE 'user' END, n % 20 <> 3,
  CASE WHEN n % 3 > 0 THEN 'x' || n END, '{}', '{}', 1, 0, at, at, CASE WHEN n % 10 = 0 THEN at END
FROM (SELECT n, 'user' || lpad(n::text, 5, '0') AS name, timestamp '2026-01-01' + n * interval '1 minute' AS at
  FROM generate_series(1, 5041) n) AS numbered";
