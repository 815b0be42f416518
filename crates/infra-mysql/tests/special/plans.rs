//! How MariaDB finds what listings ask for.

use domain::query::{CountMode, DeletedScope, ListUsers, Search, SortKey, UserFilter, UserSort, Window};
use infra_seaorm::{deep_page_statements, listing_statements, suspensions_ended_statement};
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement};
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
            let [step] = plan.as_slice() else { panic!("more than one step: {plan:?}") };
            assert!(!step.extra.contains("filesort"), "{sort:?} {window:?} {filter:?} {step:?}");
            assert_ne!(step.kind, "ALL", "{sort:?} {window:?} {filter:?} {step:?}");
            match (index_of(sort.key), &window) {
                // Every index goes on in the order of the ids.
                (None, _) => {}
                (Some(index), Window::Skip(_)) => assert_eq!((step.kind.as_str(), step.key.as_str()), ("index", index)),
                (Some(index), Window::After(_)) => {
                    assert_eq!((step.kind.as_str(), step.key.as_str()), ("range", index));
                }
            }
        }
    }
}

pub(crate) async fn what_few_users_have_is_looked_for_by_its_index(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    for (filter, index) in rare() {
        let plan = crowd.plan_of(&page(filter, UserSort::default(), Window::Skip(0))).await;
        let [step] = plan.as_slice() else { panic!("more than one step: {plan:?}") };
        assert_eq!(step.key, index, "{step:?}");
        assert!(["ref", "range", "const"].contains(&step.kind.as_str()), "{step:?}");
    }
    let deleted = UserFilter { deleted: DeletedScope::Only, ..UserFilter::default() };
    for window in [Window::Skip(0), after(SortKey::Id)] {
        let plan = crowd.plan_of(&page(deleted.clone(), UserSort::default(), window)).await;
        assert!(plan.iter().all(|step| step.key == "ix_users_deleted_at" && step.kind == "range"), "{plan:?}");
    }
    let created = UserFilter { created_after: Some(at("2026-01-03T00:00:00Z")), ..UserFilter::default() };
    let by_time = UserSort { key: SortKey::CreatedAt, descending: true };
    let plan = crowd.plan_of(&page(created, by_time, Window::Skip(0))).await;
    assert!(plan.iter().all(|step| step.key == "ix_users_created_at" && step.kind == "range"), "{plan:?}");
}

pub(crate) async fn a_search_reads_one_range_of_each_searched_column(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    for (sort, filter) in every_common_listing() {
        let filter = UserFilter { search: Some(Search::Beginning("user0004".to_owned())), ..filter };
        let query = ListUsers { count: CountMode::Exact, ..page(filter, sort, Window::Skip(0)) };
        for plan in crowd.plans_of(&query).await {
            for column in SEARCHED {
                let index = format!("ix_users_{column}");
                let count = plan.iter().filter(|step| step.key == index && step.kind == "range").count();
                assert!(ranges_of(column).contains(&count), "{column} {query:?} {plan:?}");
            }
            assert!(!plan.iter().any(|step| step.table == "users" && step.kind == "ALL"), "{query:?} {plan:?}");
        }
    }
}

pub(crate) async fn totals_of_few_are_counted_without_a_look_at_the_table(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    let created = UserFilter { created_after: Some(at("2026-01-04T00:00:00Z")), ..UserFilter::default() };
    let query = ListUsers { filter: created, limit: 0, ..ListUsers::default() };
    let plan = crowd.plan_of(&query).await;
    assert!(plan.iter().all(|step| step.extra.contains("Using index")), "{query:?} {plan:?}");
    let few = rare().into_iter().take(3).map(|(filter, _)| filter);
    for filter in few.chain([UserFilter::default()]) {
        let query = ListUsers { filter, limit: 0, ..ListUsers::default() };
        let plan = crowd.plan_of(&query).await;
        assert!(plan.iter().all(|step| step.table == "user_sums" && step.kind == "ref"), "{query:?} {plan:?}");
    }
}

pub(crate) async fn a_deep_page_is_read_from_its_block_on(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    for query in deep_pages() {
        // Of most rows of a small table MariaDB reads all.
        let block = if query.sort.descending { 1 } else { 3 };
        let mut plans = Vec::new();
        for statement in deep_page_statements(crowd.db.get_database_backend(), &query, block) {
            plans.push(crowd.plan(statement).await);
        }
        let page = plans.pop().unwrap();
        assert_eq!(plans.len(), 3, "a level each");
        let on_sums = |step: &&Step| step.table == "user_sums";
        for step in plans.iter().flatten().chain(page.iter().filter(on_sums)) {
            assert_eq!((step.table.as_str(), step.key.as_str()), ("user_sums", "PRIMARY"), "{query:?} {step:?}");
            assert!(["ref", "range"].contains(&step.kind.as_str()), "{query:?} {step:?}");
        }
        let (by_key, from_the_block): (Vec<_>, Vec<_>) =
            page.iter().filter(|step| step.table == "users").partition(|step| step.kind == "eq_ref");
        assert_eq!((by_key.len(), from_the_block.len()), (1, 1), "{query:?} {page:?}");
        let of_few = |step: &&Step| step.kind == "range" && !step.extra.contains("filesort");
        assert!(from_the_block.iter().all(of_few), "{query:?} {page:?}");
    }
}

pub(crate) async fn ended_suspensions_are_read_in_the_order_of_their_ends(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    let statement = suspensions_ended_statement(crowd.db.get_database_backend(), at("2026-01-03T00:00:00Z"), 10);
    let plan = crowd.plan(statement).await;
    let fits = |step: &Step| step.key == "ix_users_suspended_until" && !step.extra.contains("filesort");
    assert!(plan.iter().all(fits), "{plan:?}");
}

/// A row of EXPLAIN.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) table: String,
    pub(crate) kind: String,
    pub(crate) key: String,
    pub(crate) extra: String,
}

/// 5,041 users, of whom a tenth was deleted.
pub(crate) struct Crowd {
    pub(crate) db: DatabaseConnection,
}

impl Crowd {
    pub(crate) async fn new(schema: &Schema) -> Self {
        let db = schema.migrated().await.inner().pools().writer;
        db.execute_unprepared(CROWD).await.unwrap();
        for insert in sign_ins(|bytes| format!("RANDOM_BYTES({bytes})"), "RANDOM_BYTES(16)") {
            db.execute_unprepared(&insert).await.unwrap();
        }
        for table in SIGN_IN_TABLES.into_iter().chain(["users"]) {
            db.execute_unprepared(&format!("ANALYZE TABLE {table}")).await.unwrap();
        }
        Self { db }
    }

    /// The plan of the one statement that the listing takes, save that each row shown is looked up by its key for the last
    /// sign-in.
    async fn plan_of(&self, query: &ListUsers) -> Vec<Step> {
        let [plan] = <[_; 1]>::try_from(self.plans_of(query).await).unwrap();
        // Where a key finds nobody, so much is known before there is anything to look up.
        let looks_up = |step: &Step| step.table == "login_states" || step.extra.contains("const table");
        let (lookups, rest): (Vec<_>, _) = plan.into_iter().partition(looks_up);
        let by_key = |step: &Step| {
            step.table.is_empty() || step.key == "PRIMARY" && ["eq_ref", "const"].contains(&step.kind.as_str())
        };
        assert!(lookups.iter().all(by_key), "{lookups:?}");
        rest
    }

    pub(crate) async fn plans_of(&self, query: &ListUsers) -> Vec<Vec<Step>> {
        let mut plans = Vec::new();
        for statement in listing_statements(self.db.get_database_backend(), query) {
            plans.push(self.plan(statement).await);
        }
        plans
    }

    pub(crate) async fn plan(&self, mut statement: Statement) -> Vec<Step> {
        statement.sql.insert_str(0, "EXPLAIN FORMAT=TRADITIONAL ");
        let rows = self.db.query_all_raw(statement).await.unwrap();
        let text = |row: &QueryResult, name| row.try_get::<Option<String>>("", name).unwrap().unwrap_or_default();
        let step = |row| Step {
            table: text(row, "table"),
            kind: text(row, "type"),
            key: text(row, "key"),
            extra: text(row, "Extra"),
        };
        rows.iter().map(step).collect()
    }
}

const CROWD: &str = "
INSERT INTO users (uuid, username, email, username_key, email_key, email_canonical, username_folded, email_folded,
  full_name_folded, last_name_folded, password_hash, password_changed_at, must_change_password, role, is_active,
  external_id, user_metadata, app_metadata, version, auth_epoch, created_at, updated_at, deleted_at)
WITH RECURSIVE up_to_70 (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM up_to_70 WHERE n < 70),
numbers (n) AS (SELECT a.n * 71 + b.n + 1 FROM up_to_70 a CROSS JOIN up_to_70 b),
named AS (SELECT n, CONCAT('user', LPAD(n, 5, '0')) AS name, TIMESTAMPADD(MINUTE, n, '2026-01-01 00:00:00') AS at FROM numbers)
SELECT LEFT(UNHEX(SHA2(n, 256)), 16), name, CONCAT(name, '@example.org'), IF(n % 10, name, NULL),
  IF(n % 10, CONCAT(name, '@example.org'), NULL), CONCAT(name, '@example.org'), name, CONCAT(name, '@example.org'),
  CONCAT('full ', name), CONCAT('last ', name), 'x', at, 0,
  CASE WHEN n % 500 = 1 THEN 'admin' WHEN n % 50 = 2 THEN 'moderator' ELSE 'user' END, n % 20 <> 3,
  IF(n % 3, CONCAT('x', n), NULL), '{}', '{}', 1, 0, at, at, IF(n % 10, NULL, at)
FROM named";
