//! Users, a file for each operation.

mod activate;
mod bad_input;
mod create;
mod deactivate;
mod delete;
mod get;
mod list;
mod patch;
mod replace;
mod restore;
mod unlock;
