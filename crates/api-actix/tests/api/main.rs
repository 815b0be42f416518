//! The HTTP surface over real sockets, on storage in memory.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what is not there fails the test that looks for it")]

mod answer;
mod documented;
mod edge;
mod failing;
mod raw;
mod system;
mod test_app;
mod users;
