//! What is told of the audit trail.

mod as_of;
mod data;
mod export;
mod follow;
mod list;
mod of_user;
mod rights;
mod stream;
mod verify;
