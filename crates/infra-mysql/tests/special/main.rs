//! What is special about the servers: migrating from several processes, a network that falls silent, plans of queries.
//!
//! `TEST_MARIADB_URL` and `TEST_MYSQL_URL` name them, without a database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod append_only;
mod migrating;
mod obstacles;
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
    Trials::new()
        .on("mariadb", Schemas(Server::from_environment("TEST_MARIADB_URL")), TESTS)
        .on("mysql", Schemas(Server::from_environment("TEST_MYSQL_URL")), TESTS)
        .run()
}

const TESTS: &[Test<Schema>] = storage_contract::tests!(
    migrating: [
        down_and_up_again_leads_to_the_same_schema,
        tables_that_are_laid_for_a_case_are_those_of_the_migrations,
        several_processes_that_start_at_once_migrate_once,
        a_run_that_was_killed_half_way_is_finished_by_the_next,
        the_lease_of_a_killed_process_ends,
        where_nothing_is_pending_no_lease_is_waited_for,
        a_run_that_lost_its_lease_stops,
        a_newer_database_is_refused,
        what_was_forgotten_and_is_still_there_is_applied_again,
    ],
    append_only: [
        what_an_append_only_table_holds_is_not_changed_by_sql,
        what_was_taken_away_or_altered_is_named_and_made_again,
        a_user_to_whom_no_trigger_is_shown_finds_out_by_trying,
        where_triggers_are_forbidden_all_else_is_made_and_they_follow_when_they_are_allowed,
    ],
    obstacles: [
        another_programs_table_is_named_and_left_alone,
        a_user_who_may_not_change_tables_hears_so_at_once,
    ],
    outage: [
        after_a_silent_network_a_new_pool_answers,
        a_connection_that_the_server_dropped_is_not_the_callers_error,
        a_commit_without_an_answer_has_an_unknown_outcome,
        a_silent_network_does_not_hold_up_a_shutdown,
        a_table_that_is_locked_for_long_makes_no_connections,
        a_server_that_is_slow_for_long_gets_no_more_than_twice_the_connections,
        an_exhausted_pool_is_not_replaced,
    ],
    session: [
        a_time_that_the_server_cannot_hold_is_an_error,
        a_client_that_vanished_is_given_up_within_a_minute,
        a_server_that_refuses_is_another_one_at_first_and_unavailable_later,
        what_most_requests_ask_is_prepared_before_they_do,
        the_driver_closes_no_connections_by_itself,
    ],
    plans: [
        a_deep_page_is_read_from_its_block_on,
        every_sort_reads_an_index_in_order_and_only_as_far_as_the_page,
        what_few_users_have_is_looked_for_by_its_index,
        a_search_reads_one_range_of_each_searched_column,
        totals_of_few_are_counted_without_a_look_at_the_table,
        ended_suspensions_are_read_in_the_order_of_their_ends,
    ],
    sign_in_plans: [
        no_statement_of_signing_in_reads_a_whole_table,
        who_signed_in_is_read_in_the_order_of_an_index_and_who_never_did_in_that_of_the_ids,
    ],
    trail_plans: [
        no_statement_of_the_trail_reads_a_whole_table,
        every_listing_of_events_reads_one_range_of_one_index_in_order,
    ],
);
