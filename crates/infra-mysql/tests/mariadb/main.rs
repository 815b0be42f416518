//! What is special about a server: migrating from several processes, a network that falls silent, plans of queries.
//!
//! `TEST_MARIADB_URL` names a server, without a database; without it the tests are ignored, unless `CONTRACT_REQUIRED`
//! names `mariadb`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod migrating;
mod outage;
mod plans;
#[path = "../server/mod.rs"]
mod server;
mod session;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use infra_mysql::MySqlStorage;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use server::{Schema, Server};
use tokio::time::timeout;

/// A test's database.
struct Fixture {
    schema: Schema,
}

impl Fixture {
    async fn connect(&self) -> MySqlStorage {
        MySqlStorage::connect(&self.schema.settings()).await.expect("the server is there")
    }

    async fn migrated(&self) -> MySqlStorage {
        let storage = self.connect().await;
        storage.migrate_up().await.expect("an empty database can be migrated");
        storage
    }
}

/// Lists tests, each an `async fn(&Fixture)` that panics if it fails.
macro_rules! trials {
    ($server:expr, $($module:ident: [$($test:ident),* $(,)?]),* $(,)?) => {
        vec![$($(trial($server, concat!(stringify!($module), "::", stringify!($test)), |fixture| {
            Box::pin(async move { $module::$test(&fixture).await })
        })),*),*]
    };
}

fn main() -> ExitCode {
    let server = Arc::new(Server::from_environment("TEST_MARIADB_URL"));
    let trials = trials!(
        &server,
        migrating: [
            down_and_up_again_leads_to_the_same_schema,
            several_processes_that_start_at_once_migrate_once,
            a_run_that_was_killed_half_way_is_finished_by_the_next,
            the_lease_of_a_killed_process_ends,
            where_nothing_is_pending_no_lease_is_waited_for,
            a_run_that_lost_its_lease_stops,
            a_newer_database_is_refused,
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
        ],
        plans: [
            every_sort_reads_an_index_in_order_and_only_as_far_as_the_page,
            what_few_users_have_is_looked_for_by_its_index,
            a_search_reads_one_range_of_each_searched_column,
            totals_of_few_are_counted_without_a_look_at_the_table,
            ended_suspensions_are_read_in_the_order_of_their_ends,
        ],
    );
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

const PATIENCE: Duration = Duration::from_mins(1);

type Test = fn(Arc<Fixture>) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

fn trial(server: &Arc<Result<Server, String>>, name: &str, test: Test) -> Trial {
    let server = Arc::clone(server);
    Trial::ignorable_test(name, move || match server.as_ref() {
        Ok(server) => run(server, test),
        Err(reason) if is_required() => Err(Failed::from(format!("CONTRACT_REQUIRED asks for it, but {reason}"))),
        Err(reason) => Ok(Completion::ignored_with(reason.clone())),
    })
}

fn run(server: &Server, test: Test) -> Result<Completion, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let fixture = Arc::new(Fixture { schema: server.new_schema().await? });
        #[expect(clippy::disallowed_methods, reason = "the test is waited for, and its database dropped if it panics")]
        let outcome = timeout(PATIENCE, tokio::spawn(test(Arc::clone(&fixture)))).await;
        fixture.schema.drop().await;
        outcome??;
        Ok(Completion::Completed)
    })
}

#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not a setting of the product")]
fn is_required() -> bool {
    std::env::var("CONTRACT_REQUIRED").is_ok_and(|names| names.split(',').any(|name| name.trim() == "mariadb"))
}
