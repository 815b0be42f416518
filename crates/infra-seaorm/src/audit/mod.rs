//! The table `audit_events`.

mod changes;
mod entity;
mod trail;
