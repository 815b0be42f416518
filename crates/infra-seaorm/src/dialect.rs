//! What a driver crate says about its database.

use sea_orm::{DbErr, TransactionOptions};

/// What differs between the databases, save SQL.
pub trait Dialect: Send + Sync + 'static {
    /// What an error of the driver means.
    fn fault(&self, error: &DbErr) -> Fault;

    /// How a unit of work begins.
    fn transaction(&self) -> TransactionOptions;
}

/// What an error of the driver means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A unique index of this name holds the value already.
    Unique(String),
    /// Another unit of work won: deadlock, lock wait, serialization, certification.
    Retry,
    /// The connection remembers tables as they no longer are, and would refuse the statement again. It changed nothing.
    Outdated,
    /// The database cannot be reached, or does not take work.
    Unavailable,
    /// The conversation broke off: whether the database did what it was asked is unknown.
    Interrupted,
    /// Anything else.
    Other,
}
