//! How SQLite finds sessions, sign-ins and changes.

use domain::query::Window;
use infra_seaorm::sign_in_statements;
use testkit::listings::{after, at, by_last_login, common, page};

use super::crowds;

#[tokio::test]
async fn no_statement_of_signing_in_reads_a_whole_table() {
    for crowd in crowds().await {
        for (index, statement) in sign_in_statements(crowd.db.get_database_backend(), at("2026-01-01T01:00:00Z")) {
            let sql = statement.sql.clone();
            let plan = crowd.plan(statement).await;
            let reads = |step: &String| step.starts_with("SCAN") && step != "SCAN asked" && step != "SCAN CONSTANT ROW";
            assert!(!plan.iter().any(reads), "{sql} {plan:?}");
            assert!(plan.iter().any(|step| step.contains(index)), "{index} {sql} {plan:?}");
        }
    }
}

#[tokio::test]
async fn who_signed_in_is_read_in_the_order_of_an_index_and_who_never_did_in_that_of_the_ids() {
    for crowd in crowds().await {
        for (sort, filter) in
            by_last_login().into_iter().flat_map(|sort| common().into_iter().map(move |any| (sort, any)))
        {
            for window in [Window::Skip(0), after(sort.key)] {
                let query = page(filter.clone(), sort, window);
                let [signed_in, never] = <[_; 2]>::try_from(crowd.plans_of(&query).await).unwrap();
                let [first, second] = signed_in.as_slice() else { panic!("{query:?} {signed_in:?}") };
                assert!(first.starts_with("SEARCH login_states USING"), "{query:?} {signed_in:?}");
                assert!(
                    first.contains("INDEX ix_login_states_last_login_at (last_login_at>"),
                    "{query:?} {signed_in:?}"
                );
                assert_eq!(second, "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)", "{query:?}");
                assert!(!never.concat().contains("TEMP B-TREE"), "{query:?} {never:?}");
            }
        }
    }
}
