//! The HTTP surface over real sockets: on storage in memory, and again on every other storage (`on_every_storage`).
//!
//! `TEST_MARIADB_URL`, `TEST_MYSQL_URL` and `TEST_POSTGRES_URL` name servers, without a database, on which the tests make
//! databases of their own; what is not named is skipped, or fails where `REQUIRE_ALL=1`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what is not there fails the test that looks for it")]

mod answer;
mod audit;
mod auth;
mod documented;
mod edge;
mod failing;
mod on_every_storage;
mod quotas;
mod raw;
mod repeated;
mod signed_in;
mod storage;
mod system;
mod test_app;
mod users;
