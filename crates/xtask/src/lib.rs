//! Chores of the workspace that cargo does not do: `cargo xtask codegen`, `cargo xtask bench`, the layer rules, and whether the documents are true.

pub mod bench;
pub mod codegen;
pub mod docs;
pub mod layers;
