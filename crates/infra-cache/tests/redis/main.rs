//! Against a real Redis: limits that are shared, servers that stop, are killed or refuse, and waking others.
//!
//! `TEST_REDIS_URL` names a server; without it these tests are ignored, unless `CONTRACT_REQUIRED` names `redis`. Tests that
//! do things to a server start one of their own by the program `redis-server`, and are ignored where there is none, unless
//! `REQUIRE_ALL=1`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod limits;
mod outages;
mod security;
mod server;
mod shared_users;
mod wake_ups;

use std::process::ExitCode;

use futures_util::future::LocalBoxFuture;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use server::{named_server, private_program, variable};

/// It panics if it fails.
type Test = fn() -> LocalBoxFuture<'static, ()>;

/// Lists tests by module.
macro_rules! tests {
    ($($module:ident: [$($test:ident),* $(,)?]),* $(,)?) => {
        &[$($((concat!("redis::", stringify!($module), "::", stringify!($test)), || Box::pin($module::$test()))),*),*]
    };
}

const ON_THE_NAMED_SERVER: &[(&str, Test)] = tests!(
    limits: [
        exactly_the_quota_passes_at_once,
        after_the_quota_one_passes_every_interval,
        of_many_at_once_exactly_the_quota_passes,
        two_limiters_share_one_count,
        callers_and_limits_are_counted_each_for_itself,
        nothing_is_kept_of_a_caller_whose_quota_is_whole,
        a_count_from_the_future_costs_no_more_than_the_window,
        what_is_no_count_counts_for_nothing,
    ],
);

const ON_A_PRIVATE_SERVER: &[(&str, Test)] = tests!(
    outages: [
        a_server_that_stops_is_waited_for_once_and_briefly,
        many_who_find_it_stopped_wait_no_longer_than_one,
        a_server_that_is_killed_is_used_again_when_it_is_back,
        a_server_that_comes_later_is_found,
        a_server_that_refuses_is_as_good_as_none,
        a_server_that_forgot_the_script_is_told_it_again,
    ],
    security: [
        a_password_is_given,
        a_wrong_password_is_an_outage_and_no_error,
        tls_is_spoken_with_a_server_whom_the_system_trusts,
        a_server_whom_nobody_trusts_is_an_outage_and_no_panic,
    ],
    shared_users: [
        what_one_replica_has_read_others_need_not_ask_for,
        a_change_that_the_log_told_of_is_not_missing,
        a_change_of_ones_own_is_not_missing_before_the_log_tells_of_it,
        what_changed_is_taken_away,
        a_replica_that_does_not_know_the_log_from_there_on_asks,
        what_lies_where_it_does_not_belong_is_not_believed,
        nonsense_and_what_is_too_old_is_not_believed,
        while_redis_is_away_the_database_is_asked_and_nobody_waits_twice,
    ],
    wake_ups: [
        a_change_wakes_the_others,
        a_change_of_nobody_wakes_nobody,
        many_changes_are_few_messages,
        while_redis_is_away_changes_cost_nothing,
        who_may_have_missed_a_message_is_woken,
        a_connection_that_fell_silent_is_made_anew,
    ],
);

fn main() -> ExitCode {
    if let Some(code) = security::child() {
        return code;
    }
    let is_required = variable("CONTRACT_REQUIRED").unwrap_or_default().split(',').any(|name| name.trim() == "redis");
    let nothing_left_out = variable("REQUIRE_ALL").is_some_and(|value| value == "1");
    let mut trials = Vec::new();
    for &(name, test) in ON_THE_NAMED_SERVER {
        trials.push(trial(name, test, named_server().err(), is_required));
    }
    for &(name, test) in ON_A_PRIVATE_SERVER {
        trials.push(trial(name, test, private_program().err(), nothing_left_out));
    }
    let mut arguments = Arguments::from_args();
    // They measure time.
    arguments.test_threads.get_or_insert(2);
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(name: &str, test: Test, absent: Option<String>, is_required: bool) -> Trial {
    Trial::ignorable_test(name, move || match absent {
        Some(reason) if is_required => Err(Failed::from(reason)),
        Some(reason) => Ok(Completion::ignored_with(reason)),
        None => {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
            runtime.block_on(test());
            Ok(Completion::Completed)
        }
    })
}
