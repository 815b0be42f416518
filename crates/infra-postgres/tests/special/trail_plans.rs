//! How PostgreSQL finds events, places in the chain, keys and answers.

use infra_seaorm::{event_listing_statements, trail_statements};
use testkit::listings::at;

use crate::plans::Crowd;
use crate::server::Schema;

pub(crate) async fn no_statement_of_the_trail_reads_a_whole_table(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    for (index, statement) in trail_statements(crowd.db.get_database_backend(), at("2026-01-01T01:00:00Z")) {
        let sql = statement.sql.clone();
        let plan = crowd.plan(statement).await;
        assert!(!plan.contains("Seq Scan"), "{sql} {plan}");
        assert!(plan.contains(index) && plan.contains("Index"), "{index} {sql} {plan}");
    }
}

pub(crate) async fn every_listing_of_events_reads_an_index(schema: &Schema) {
    let crowd = Crowd::new(schema).await;
    for (index, statement) in event_listing_statements(crowd.db.get_database_backend(), at("2026-01-01T01:00:00Z")) {
        let sql = statement.sql.clone();
        let plan = crowd.plan(statement).await;
        assert!(!plan.contains("Seq Scan"), "{sql} {plan}");
        // Of two conditions that both leave hardly anything, statistics decide.
        assert!(plan.contains("ix_audit_events_"), "{index} {sql} {plan}");
        assert!(plan.contains("uq_audit_chain_event_id"), "{sql} {plan}");
    }
}
