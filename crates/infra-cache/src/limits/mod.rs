//! How often somebody may ask: counted in this process, or by all replicas together.

mod gcra;
mod local;
mod script;
mod shared;

pub use local::LocalRateLimiter;
pub(crate) use script::probe;
pub use shared::SharedRateLimiter;
