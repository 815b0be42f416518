//! The service as a cluster, under load, while parts of it are killed.
//!
//! `scripts/cluster` starts it and says where it is in `CLUSTER_…`; without that the tests say that they are skipped.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "the measured times are what one wants to see")]

mod client;
mod kills;
mod load;
mod place;

use place::Place;

/// One test, since what one kills another would miss.
#[test]
fn nothing_acknowledged_is_lost_when_parts_of_the_cluster_are_killed() {
    let Some(place) = Place::from_environment() else {
        eprintln!("SKIPPED on a cluster: CLUSTER_URL is not set");
        return;
    };
    kills::conflicts_alone_are_never_seen(&place);
    kills::nothing_acknowledged_is_lost(&place);
}
