//! The real binary on a real database, over the network.
//!
//! `TEST_MARIADB_URL`, `TEST_MYSQL_URL` and `TEST_POSTGRES_URL` name servers, without a database, on which tests make
//! databases of their own; the tests on a server that is not named are skipped, or fail where `REQUIRE_ALL=1`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod client;
mod completions;
mod config;
mod database;
mod database_away;
mod doctor;
mod environment;
mod journey;
mod login;
mod logs;
mod migrate;
mod migrating_together;
mod quorum;
mod schema;
mod service;
mod signals;
mod start;
mod tours;
mod users;
mod users_passwords;
mod wire;
