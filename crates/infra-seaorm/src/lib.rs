//! The storage ports on SeaORM: entities, queries, mapping and the unit of work, for every SQL database.
//!
//! | module | what lives there |
//! |---|---|
//! | [`dialect`] | what a driver crate says about its database: its faults, how transactions begin |
//! | [`storage`] | [`SeaOrmStorage`], which implements the ports; [`implement_ports!`] does so for a newtype around it |
//! | [`migrating`] | migrating over connections of its own |
//! | `unit` | the unit of work |
//! | `users`, `sessions`, `logins`, `one_time_tokens`, `audit`, `subject_keys`, `key_fingerprints` | entities, queries and mapping |
//! | `erasure`, `idempotency`, `imports`, `leases` | the same for what is done once, or by one |
//!
//! No driver is compiled in here: without one SeaORM's errors cannot be looked into, so faults are classified by the
//! driver crates (`infra-sqlite`, `infra-mysql`, `infra-postgres`), each a newtype around [`SeaOrmStorage`].

mod audit;
pub mod dialect;
mod digests;
mod erasure;
mod faults;
mod guards;
mod idempotency;
mod imports;
mod inspection;
mod key_fingerprints;
mod leases;
mod logins;
pub mod migrating;
mod moments;
mod newtype;
mod one_time_tokens;
mod plans;
mod pools;
mod replacement;
mod server_dialect;
mod sessions;
mod statements;
pub mod storage;
mod subject_keys;
mod unit;
mod users;

pub use dialect::{Dialect, Fault};
pub use faults::storage_error;
#[doc(hidden)]
pub use newtype::newtype_prelude;
pub use plans::{event_listing_statements, everyday_statements, sign_in_statements, trail_statements};
pub use pools::{CONNECTION_LIFETIME, PATIENCE, Pools, Undoing};
pub use replacement::Reconnect;
pub use storage::SeaOrmStorage;
pub use users::{deep_page_statements, listing_statements, suspensions_ended_statement};
