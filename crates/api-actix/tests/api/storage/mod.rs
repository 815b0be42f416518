//! The storage that the tests of this process stand on: in memory, or copies of a migrated database that another process
//! names.

mod connected;
mod place;
mod server;
mod template;

use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};

pub(crate) use place::{Place, clear};
pub(crate) use template::{TEMPLATE, Template};

/// Where databases are made, connected to and cleared away: a test's own runtime ends with the test.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());

/// The value of a variable, if it has one.
#[expect(clippy::disallowed_methods, reason = "switches of the tests are no settings of the product")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
