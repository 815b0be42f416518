//! The real binary on a real database, over the network.
//!
//! `TEST_MARIADB_URL`, `TEST_MYSQL_URL` and `TEST_POSTGRES_URL` name servers, without a database, on which tests make
//! databases of their own, and `TEST_REDIS_URL` a Redis; the tests on a server that is not named are skipped, or fail where
//! `REQUIRE_ALL=1`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod bootstrap;
mod client;
mod completions;
mod config;
mod database;
mod database_away;
mod doctor;
mod encryption_key;
mod environment;
mod journey;
mod journeys;
mod key_rotation;
mod killed;
mod login;
mod logs;
mod metrics;
mod migrate;
mod migrating_together;
mod overload;
mod quorum;
mod read_replica;
mod redis;
mod schema;
mod sequencing;
mod service;
mod signals;
mod signed_in;
mod start;
mod tampering;
mod tours;
mod transfer;
mod users;
mod users_access;
mod users_passwords;
mod wire;
