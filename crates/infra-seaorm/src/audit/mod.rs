//! The table `audit_events`.

mod change_log;
mod changes;
mod entity;
mod trail;

pub(crate) use change_log::change_log_statements;
