//! Chores of the workspace that cargo does not do: `cargo xtask codegen`, `cargo xtask bench`, and the layer rules.

pub mod bench;
pub mod codegen;
pub mod layers;
