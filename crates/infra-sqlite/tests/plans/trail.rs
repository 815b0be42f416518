//! How SQLite finds events, places in the chain, keys and answers.

use infra_seaorm::{event_listing_statements, trail_statements};
use testkit::listings::at;

use super::crowds;

#[tokio::test]
async fn no_statement_of_the_trail_reads_a_whole_table() {
    for crowd in crowds().await {
        for (index, statement) in trail_statements(crowd.db.get_database_backend(), at("2026-01-01T01:00:00Z")) {
            let sql = statement.sql.clone();
            let plan = crowd.plan(statement).await;
            // In the order of the places, and no further than asked.
            let reads = |step: &String| {
                step.starts_with("SCAN")
                    && !["SCAN audit_chain", "SCAN last_places", "SCAN waiting"].contains(&step.as_str())
            };
            assert!(!plan.iter().any(reads), "{sql} {plan:?}");
            assert!(plan.iter().any(|step| step.contains(index)), "{index} {sql} {plan:?}");
        }
    }
}

#[tokio::test]
async fn every_listing_of_events_reads_one_range_of_one_index_in_order() {
    for crowd in crowds().await {
        for (index, statement) in event_listing_statements(crowd.db.get_database_backend(), at("2026-01-01T01:00:00Z"))
        {
            let is_restricted = statement.sql.contains("WHERE");
            let sql = statement.sql.clone();
            let plan = crowd.plan(statement).await;
            let [events, places] = plan.as_slice() else { panic!("more than two steps, so it sorts: {sql} {plan:?}") };
            let begin = if is_restricted { "SEARCH" } else { "SCAN" };
            assert!(events.starts_with(&format!("{begin} audit_events USING INDEX {index}")), "{sql} {plan:?}");
            assert!(places.contains("uq_audit_chain_event_id (event_id=?)"), "{sql} {plan:?}");
        }
    }
}
