//! The schema, forwards and backwards, on every supported database.
//!
//! [`up`], [`down`] and [`status`] are safe to call from several processes at once: on servers a row in
//! `migration_lease` lets one of them work while the others wait, on SQLite its own write lock does.
//!
//! To add a migration, write a file `mYYYYMMDD_NNNNNN_what.rs` that makes each of its steps through
//! [`schema::Steps`], so that a run that was killed half-way can be run again, and list it in [`Migrator`].
//! Constraints and indexes have names, because the storage adapters read them in the database's errors.

pub mod append_only;
mod faults;
mod lease;
mod m20261121_000001_users;
mod m20261121_000002_audit_events;
mod m20261121_000003_guards;
mod m20261121_000004_user_counts;
mod m20261121_000005_sessions;
mod m20261121_000006_logins;
mod m20261121_000007_one_time_tokens;
mod m20261121_000008_change_log;
mod m20261121_000009_key_fingerprints;
mod m20261121_000010_audit_trail;
mod m20261121_000011_erasure;
mod m20261121_000012_leases;
mod m20261121_000013_idempotency;
mod m20261121_000014_imports;
mod m20261121_000015_search;
mod m20261121_000016_user_sums;
mod migrate;
pub mod schema;

pub use migrate::{MigrateError, Status, down, status, up};

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Every migration, oldest first.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_users::Migration),
            Box::new(m20261121_000002_audit_events::Migration),
            Box::new(m20261121_000003_guards::Migration),
            Box::new(m20261121_000004_user_counts::Migration),
            Box::new(m20261121_000005_sessions::Migration),
            Box::new(m20261121_000006_logins::Migration),
            Box::new(m20261121_000007_one_time_tokens::Migration),
            Box::new(m20261121_000008_change_log::Migration),
            Box::new(m20261121_000009_key_fingerprints::Migration),
            Box::new(m20261121_000010_audit_trail::Migration),
            Box::new(m20261121_000011_erasure::Migration),
            Box::new(m20261121_000012_leases::Migration),
            Box::new(m20261121_000013_idempotency::Migration),
            Box::new(m20261121_000014_imports::Migration),
            Box::new(m20261121_000015_search::Migration),
            Box::new(m20261121_000016_user_sums::Migration),
        ]
    }
}
