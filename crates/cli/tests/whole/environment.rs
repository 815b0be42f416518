//! What the tests themselves take from the environment.

/// The value of a variable, if it has one.
#[expect(clippy::disallowed_methods, reason = "switches of the tests are no settings of the product")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
