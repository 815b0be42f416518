//! Tests that are about several use cases, or too long for the file of theirs.

mod as_of;
mod bulk;
mod bulk_once;
mod data;
mod import;
mod last_administrator;
mod metadata;
mod preconditions;
mod rights;
mod update;
mod update_order;
