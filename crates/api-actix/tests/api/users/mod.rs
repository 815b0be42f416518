//! Users, a file for each operation.

mod activate;
mod bad_input;
mod bulk;
mod create;
mod deactivate;
mod delete;
mod export;
mod get;
mod list;
mod patch;
mod replace;
mod restore;
mod unlock;
