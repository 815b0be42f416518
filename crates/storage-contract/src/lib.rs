//! The promises of the storage ports, as a suite that every adapter runs.
//!
//! An adapter shows that it keeps them by a test without libtest's `main` (`harness = false` in its `Cargo.toml`):
//!
//! ```no_run
//! # struct MyHarness;
//! # #[async_trait::async_trait]
//! # impl storage_contract::Harness for MyHarness {
//! #     async fn fresh(&self) -> Result<Box<dyn storage_contract::Store>, storage_contract::NoStore> { unimplemented!() }
//! # }
//! fn main() -> std::process::ExitCode {
//!     storage_contract::run("mydatabase", MyHarness)
//! }
//! ```
//!
//! Each case is one promise, named as a sentence: `mydatabase::names::deleting_frees_the_names`. Each gets a database of
//! its own from the [`Harness`], so they run side by side.
//!
//! Where there is no server, the cases show as *ignored*. The environment variable `CONTRACT_REQUIRED`, a list such as
//! `sqlite,mariadb`, makes that a failure for the adapters it names: whoever means to test them sets it.
//!
//! What is special about one kind of server is tested beside the suite, with [`Trials`]; a [`Wire`] is a network that can
//! fall silent. What all servers have in common there is in [`server`].
//!
//! A new promise of a port begins here: write the case, see it fail, then make the adapters keep it. That each case can
//! fail at all is shown by `tests/seen_to_fail/`, which breaks a storage in one way after the other.

#![expect(clippy::indexing_slicing, reason = "the whole crate is a test, where a panic is how a case fails")]

mod case;
mod cases;
mod crowd;
mod db;
mod harness;
pub mod server;
mod sign_in;
mod sql;
mod suite;
mod trail;
mod trials;
mod unit;
mod wire;

pub use case::Verdict;
pub use harness::{Harness, NoStore, Ports, Store};
pub use sql::{Failure, SqlDatabase, SqlStore};
pub use suite::{Suite, case_names, run, try_case};
pub use trail::event_about;
pub use trials::{Ground, Test, Trials};
pub use wire::Wire;
