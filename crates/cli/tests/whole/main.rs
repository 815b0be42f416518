//! The real binary on a real database, over the network.
//!
//! `TEST_MARIADB_URL` names a server, without a database, on which tests make databases of their own; without it those
//! tests are skipped, or fail where `REQUIRE_ALL=1`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod client;
mod completions;
mod config;
mod database;
mod database_away;
mod environment;
mod journey;
mod logs;
mod migrate;
mod readme;
mod service;
mod signals;
mod start;
mod users;
mod users_passwords;
mod wire;
