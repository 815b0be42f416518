//! The table `users`: entity, mapping and queries.

mod conditions;
pub(crate) mod counts;
mod deep;
mod entity;
mod find;
mod first_pages;
mod import;
mod inside;
mod keyset;
mod last_login;
mod listing;
mod mapping;
mod places;
mod queries;
pub(crate) mod recount;
mod repository;
mod row;
pub(crate) mod span;

pub use deep::deep_page_statements;
pub(crate) use find::{export, find_login, find_sql};
pub(crate) use import::statements as import_statements;
pub use listing::listing_statements;
pub(crate) use mapping::{role, to_user};
pub(crate) use places::Places;
pub use queries::suspensions_ended_statement;
