//! The line that every command ends with.

use std::fmt;

/// Names and numbers.
#[derive(Debug, Default)]
pub(crate) struct ResultLine(Vec<(String, f64)>);

impl ResultLine {
    pub(crate) fn with(mut self, name: impl Into<String>, number: f64) -> Self {
        self.0.push((name.into(), number));
        self
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub(crate) fn with_count(self, name: impl Into<String>, count: u64) -> Self {
        self.with(name, count as f64)
    }
}

impl fmt::Display for ResultLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RESULT")?;
        self.0.iter().try_for_each(|(name, number)| write!(f, " {name}={number:.4}"))
    }
}
