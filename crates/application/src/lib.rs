//! Use cases: load, decide, save, record.
//!
//! Every way into the product (REST, the command line, jobs) calls these, so a rule about users is written once. A use
//! case takes a [`RequestContext`] and a command, and returns what the caller may see or an error of its own.

pub mod audit;
pub mod authentication;
mod authorization;
mod context;
#[cfg(test)]
mod fixture;
pub mod keys;
mod leases;
mod merge_patch;
mod ports;
mod recording;
pub mod repeated;
mod replica;
mod retry;
pub mod users;

pub use audit::Keyring;
pub use authentication::{Authentication, AuthenticationPolicy};
pub use context::RequestContext;
pub use keys::KeyRotation;
pub use leases::{LEASE_PACE, Leaseholder};
pub use ports::Ports;
pub use replica::{FRESH, ReadReplica};
pub use users::{UserPolicy, Users};
