//! The table `users`: entity, mapping and queries.

mod conditions;
pub(crate) mod counts;
mod entity;
mod find;
mod import;
mod keyset;
mod last_login;
mod listing;
mod mapping;
mod queries;
pub(crate) mod recount;
mod repository;
mod row;

pub(crate) use find::{export, find_login};
pub(crate) use import::statements as import_statements;
pub use listing::listing_statements;
pub(crate) use mapping::{role, to_user};
pub use queries::suspensions_ended_statement;
