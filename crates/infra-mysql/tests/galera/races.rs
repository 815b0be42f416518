//! The suite's own races, each unit of work on another node.

use storage_contract::{Verdict, case_names, try_case};

use crate::Fixture;
use crate::cluster::Cluster;
use crate::crossing::AcrossNodes;

const OF_ACCOUNTS: &[&str] = &[
    "races::",
    "administrators::",
    "first_user::",
    "counters::",
    "failures::",
    "ending::",
    "refreshing::",
    "one_time_tokens::",
];

const OF_THE_TRAIL: &[&str] = &[
    "leases::of_processes",
    "leases::who_renews",
    "chain::of_processes",
    "sequencing::sequencers",
    "subject_keys::of_units",
    "imports::of_processes",
];

const OF_PEOPLE: &[&str] = &["repeated_requests::of_", "inserting_many::many_users_beside", "erasing_beside::"];

/// They hold a lock and see that others wait for it, which these do on one node only: across nodes it is the commit that
/// tells who lost.
const LOCKING: [&str; 2] = [
    "administrators::who_counts_waits_for_the_unit_that_counted_before",
    "first_user::who_asks_waits_for_the_unit_that_asked_before",
];

pub(crate) async fn what_races_on_one_server_races_across_nodes_too(_: &Fixture) {
    race(OF_ACCOUNTS).await;
}

pub(crate) async fn leases_keys_and_the_chain_race_across_nodes_too(_: &Fixture) {
    race(OF_THE_TRAIL).await;
}

pub(crate) async fn erasing_importing_and_repeating_race_across_nodes_too(_: &Fixture) {
    race(OF_PEOPLE).await;
}

#[expect(clippy::print_stderr, reason = "whoever reads the run shall see it")]
async fn race(modules: &[&str]) {
    let harness = AcrossNodes(Cluster::from_environment());
    let cases = case_names().into_iter().filter(|name| modules.iter().any(|module| name.starts_with(module)));
    let mut broken = Vec::new();
    for name in cases.filter(|name| !LOCKING.contains(&name.as_str())) {
        let mut verdict = try_case(&name, &harness).await;
        // Three nodes on one busy machine may be silent for longer than an answer is waited for, which says nothing about
        // the promise.
        if let Some(Verdict::Broken(why)) = &verdict
            && why.contains("source: Silence")
        {
            eprintln!("ANOTHER GO: {name}: {why}");
            verdict = try_case(&name, &harness).await;
        }
        if !matches!(verdict, Some(Verdict::Kept)) {
            broken.push((name, verdict));
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
