//! The tables `audit_events`, `audit_chain` and `audit_checkpoints`.

mod chain;
mod change_log;
mod links;
mod listing;
mod plans;
mod queries;
mod row;
mod trail;

pub(crate) use change_log::change_log_statements;
pub(crate) use plans::{listing_statements, statements};
