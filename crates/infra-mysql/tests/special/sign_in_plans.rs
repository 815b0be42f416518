//! How MySQL and MariaDB find sessions, sign-ins and changes.

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
        let reads_all = |kind: &str| kind == "ALL" || kind == "index" && !sql.contains("LIMIT");
        assert!(!plan.iter().any(|step| !step.table.starts_with('<') && reads_all(&step.kind)), "{sql} {plan:?}");
        assert!(
            !plan.iter().any(|step| step.extra.contains("filesort") && !sql.contains("user_uuid")),
            "{sql} {plan:?}"
        );
        // The greatest number is known without a look at the table, and what no key finds is known, too.
        let tells = |step: &super::plans::Step| {
            step.extra.contains("Select tables optimized away") || step.extra.contains("const table")
        };
        let is_known = plan.iter().any(tells);
        assert!(is_known || plan.iter().any(|step| step.key.contains(index)), "{index} {sql} {plan:?}");
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
            let [first, second] = signed_in.as_slice() else { panic!("{query:?} {signed_in:?}") };
            assert_eq!(first.key, "ix_login_states_last_login_at", "{query:?} {signed_in:?}");
            assert_eq!((second.key.as_str(), second.kind.as_str()), ("PRIMARY", "eq_ref"), "{query:?} {signed_in:?}");
            let sorts = |step: &&super::plans::Step| step.extra.contains("filesort");
            assert_eq!(signed_in.iter().chain(&never).find(sorts).map(|step| &step.table), None, "{query:?}");
        }
    }
}
