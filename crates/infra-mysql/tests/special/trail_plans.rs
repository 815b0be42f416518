//! How MySQL and MariaDB find events, places in the chain, keys and answers.

use infra_seaorm::{event_listing_statements, trail_statements};
use testkit::listings::at;

use crate::plans::{Crowd, Step};
use crate::server::Schema;

pub(crate) async fn no_statement_of_the_trail_reads_a_whole_table(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    for (index, statement) in trail_statements(crowd.db.get_database_backend(), at("2026-01-01T01:00:00Z")) {
        let sql = statement.sql.clone();
        let plan = crowd.plan(statement).await;
        let reads_all = |kind: &str| kind == "ALL" || kind == "index" && !sql.contains("LIMIT");
        assert!(!plan.iter().any(|step| !step.table.starts_with('<') && reads_all(&step.kind)), "{sql} {plan:?}");
        // The least key is known without a look at the table, and what no key finds is known, too.
        let tells = |step: &Step| {
            ["Select tables optimized away", "const table", "no matching row"]
                .iter()
                .any(|known| step.extra.contains(known))
        };
        let is_known = plan.iter().any(tells);
        assert!(is_known || plan.iter().any(|step| step.key.contains(index)), "{index} {sql} {plan:?}");
    }
}

pub(crate) async fn every_listing_of_events_reads_one_range_of_one_index_in_order(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    for (index, statement) in event_listing_statements(crowd.db.get_database_backend(), at("2026-01-01T01:00:00Z")) {
        let sql = statement.sql.clone();
        let plan = crowd.plan(statement).await;
        let [events, places] = plan.as_slice() else { panic!("more than two steps: {sql} {plan:?}") };
        assert_eq!((events.table.as_str(), events.key.as_str()), ("audit_events", index), "{sql} {plan:?}");
        assert!(!events.extra.contains("filesort") && !events.extra.contains("temporary"), "{sql} {plan:?}");
        assert_eq!(
            (places.kind.as_str(), places.key.as_str()),
            ("eq_ref", "uq_audit_chain_event_id"),
            "{sql} {plan:?}"
        );
    }
}
