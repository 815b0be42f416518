//! The service's own keys.

mod rotate;

pub use rotate::{KeyRotation, Rotated};
