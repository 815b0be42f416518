//! What is special about the server: migrating from several processes, a network that falls silent, plans of queries.
//!
//! `TEST_POSTGRES_URL` names it, without a database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod append_only;
mod migrating;
mod outage;
mod plans;
#[path = "../server/mod.rs"]
mod server;
mod session;
mod sign_in_plans;
mod trail_plans;

use std::process::ExitCode;

use async_trait::async_trait;
use server::{Schema, Server};
use storage_contract::server::ServerDatabase;
use storage_contract::{Ground, NoStore, Test, Trials};

/// Each test has a database of its own on the server.
struct Schemas(Server);

#[async_trait]
impl Ground for Schemas {
    type Database = Schema;

    async fn fresh(&self) -> Result<Schema, NoStore> {
        self.0.new_schema().await
    }

    async fn clear(&self, schema: &Schema) {
        schema.drop().await.expect("the database can be dropped");
    }
}

fn main() -> ExitCode {
    Trials::new().on("postgres", Schemas(Server::from_environment()), TESTS).run()
}

const TESTS: &[Test<Schema>] = storage_contract::tests!(
    migrating: [
        down_and_up_again_leads_to_the_same_schema,
        several_processes_that_start_at_once_migrate_once,
        a_run_that_fails_half_way_leaves_nothing,
        a_user_who_may_not_change_tables_hears_so_at_once,
        the_lease_of_a_killed_process_ends,
        where_nothing_is_pending_no_lease_is_waited_for,
        a_run_that_lost_its_lease_changes_nothing,
        a_process_that_froze_in_the_middle_keeps_others_waiting_no_longer_than_its_lease,
        tables_in_another_schema_are_not_made_again,
        the_migrations_of_another_program_are_told_from_newer_ones,
        a_newer_database_is_refused,
    ],
    append_only: [
        what_an_append_only_table_holds_is_not_changed_by_sql,
        what_was_taken_away_or_altered_is_named_and_made_again,
        where_triggers_may_not_be_made_the_service_goes_on,
    ],
    outage: [
        after_a_silent_network_a_new_pool_answers,
        a_connection_that_the_server_dropped_is_not_the_callers_error,
        a_table_that_changes_meanwhile_is_not_the_callers_error,
        a_unit_that_meets_a_changed_table_can_be_tried_again,
        a_commit_without_an_answer_has_an_unknown_outcome,
        a_silent_network_does_not_hold_up_a_shutdown,
        a_table_that_is_locked_makes_callers_try_again_and_then_give_up,
    ],
    session: [
        the_servers_own_defaults_do_not_matter,
        a_server_that_refuses_is_another_one_at_first_and_unavailable_later,
        what_most_requests_ask_is_prepared_before_they_do,
        the_driver_closes_no_connections_by_itself,
        a_database_that_cannot_hold_every_name_is_refused,
        nothing_is_sent_that_a_pooler_refuses,
    ],
    plans: [
        a_deep_page_is_read_from_its_block_on,
        every_sort_reads_an_index_in_order_and_only_as_far_as_the_page,
        what_few_users_have_is_looked_for_by_its_index,
        a_search_reads_one_range_of_each_searched_column,
        a_search_inside_reads_the_index_of_pieces_or_so_many_users_in_order,
        totals_are_sums_over_counters_or_counted_by_an_index,
        ended_suspensions_are_read_in_the_order_of_their_ends,
        a_name_that_no_index_entry_could_hold_is_stored_and_found,
    ],
    sign_in_plans: [
        no_statement_of_signing_in_reads_a_whole_table,
        who_signed_in_is_read_in_the_order_of_an_index_and_who_never_did_in_that_of_the_ids,
    ],
    trail_plans: [
        no_statement_of_the_trail_reads_a_whole_table,
        every_listing_of_events_reads_an_index,
    ],
);
