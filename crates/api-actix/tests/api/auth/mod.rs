//! `/auth` over HTTP, a file for each operation, and what holds for every operation.

mod change_password;
mod every_operation;
mod login;
mod logout;
mod me;
mod must_change;
mod order;
mod rate_limits;
mod refresh;
mod register;
mod reset_password;
mod sessions;
mod tokens;
mod without_auth;
