//! How PostgreSQL finds sessions, sign-ins and changes.

use domain::query::Window;
use infra_seaorm::sign_in_statements;
use testkit::listings::{after, at, by_last_login, common, page};

use crate::plans::Crowd;
use crate::server::Schema;

pub(crate) async fn no_statement_of_signing_in_reads_a_whole_table(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    for (index, statement) in sign_in_statements(crowd.db.get_database_backend(), at("2026-01-01T01:00:00Z")) {
        let sql = statement.sql.clone();
        let plan = crowd.plan(statement).await;
        assert!(!plan.contains("Seq Scan"), "{sql} {plan}");
        assert!(plan.contains(index) && plan.contains("Index"), "{index} {sql} {plan}");
    }
}

pub(crate) async fn who_signed_in_is_read_in_the_order_of_an_index_and_who_never_did_in_that_of_the_ids(
    schema: &Schema,
) {
    let crowd = Crowd::new(schema).await;
    for (sort, filter) in by_last_login().into_iter().flat_map(|sort| common().into_iter().map(move |any| (sort, any)))
    {
        for window in [Window::Skip(0), after(sort.key)] {
            let query = page(filter.clone(), sort, window);
            let [signed_in, never] = <[_; 2]>::try_from(crowd.plans_of(&query).await).unwrap();
            assert!(signed_in.contains("ix_login_states_last_login_at"), "{query:?} {signed_in}");
            for plan in [signed_in, never] {
                assert!(!plan.contains("Sort") && !plan.contains("Seq Scan"), "{query:?} {plan}");
            }
        }
    }
}
