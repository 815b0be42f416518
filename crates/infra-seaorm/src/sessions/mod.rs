//! The tables `sessions` and `refresh_tokens`.

mod access;
mod clean_up;
mod mapping;
mod queries;
mod repository;
mod tokens;

pub use access::access_statement;
pub use queries::session_statements;
