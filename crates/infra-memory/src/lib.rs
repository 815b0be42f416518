//! The storage ports on maps in memory: for tests, for demonstrations, and as the adapter to read before writing one.
//!
//! [`MemoryStorage`] keeps every promise that [`domain::ports`] makes about storage, as its run of the suite
//! (`storage-contract`) shows, save that nothing outlives the process:
//!
//! ```
//! use domain::ports::{Storage, UserQueries};
//! use domain::query::ListUsers;
//! use infra_memory::MemoryStorage;
//!
//! # async fn example() -> Result<(), domain::ports::StorageError> {
//! let storage = MemoryStorage::new();
//! let unit = storage.begin().await?; // … unit.users().insert(draft).await?; …
//! unit.commit().await?;
//! assert!(storage.list(&ListUsers::default()).await?.users.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # How it works
//!
//! | promise | kept by |
//! |---|---|
//! | a unit of work happens whole or not at all | it changes a copy of the tables, and its commit puts the copy in their place |
//! | dropping a unit discards it | the copy is dropped with it |
//! | others see nothing before the commit | readers look at the tables as they were committed last, and wait for nobody |
//! | of two units that collide one wins | units follow one another: a unit holds the only pen until it ends |
//! | after any error nothing can be committed | the unit remembers that it failed |
//! | a name is taken once | maps from key to user, looked at by the one who has the pen |
//!
//! The copy is made at a unit's first change, so this is a storage for thousands of users, not for millions.
//!
//! # Writing another adapter
//!
//! Read the files here in this order; each has its counterpart in any adapter.
//!
//! 1. `storage.rs` begins units of work: there, a connection and its transaction.
//! 2. `unit.rs` is one struct that is every repository at once. Wrap each statement so that an error poisons the unit.
//! 3. `tables.rs` holds the rows, with the columns that are derived (keys and folded texts), and finds conflicts. A
//!    database does that by unique indexes; read the index's name from its error, and never look before you write.
//! 4. `listing.rs` filters, sorts and pages.
//! 5. `queries.rs` reads outside any unit, where the answers of most requests come from.
//! 6. `sessions.rs`, `logins.rs` and `one_time_tokens.rs` are the other repositories of the unit. What two of them must not
//!    do at once is excluded by the pen here; a database needs locks, or conditions in its `UPDATE`s.
//! 7. `session_queries.rs` reads sessions and sign-ins.
//! 8. `subject_keys.rs`, `erasing.rs`, `repeated_requests.rs` and `imports.rs` are the rest of the unit.
//! 9. `events.rs` reads the audit trail, and says what changed; `chain.rs` gives events their places. Numbers are given at
//!    the commit here; a database gives them earlier, so that a smaller one may appear after a greater one.
//! 10. `leases.rs` keeps leases; a database does it by conditions in its `UPDATE`s.
//!
//! Then give the suite a harness, as `tests/contract.rs` does, and make its cases pass one by one.

mod chain;
mod erasing;
mod events;
mod imports;
mod inspection;
mod key_fingerprints;
mod leases;
mod listing;
mod logins;
mod one_time_tokens;
mod queries;
mod repeated_requests;
mod session_queries;
mod sessions;
mod storage;
mod subject_keys;
mod tables;
mod unit;

pub use storage::MemoryStorage;
