//! What is wrong with a value, for a program (`code`) and for a person (`detail`).

use std::fmt;

/// One rule that a value breaks.
///
/// `code` is stable and meant for programs, `detail` is one sentence for a person and says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    code: &'static str,
    detail: String,
}

impl Violation {
    /// A violation with a stable code and a sentence for a person.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The stable code, such as `too_long`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// One sentence for a person.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The same violation, located at `pointer` (RFC 6901).
    pub fn at(self, pointer: impl Into<String>) -> FieldViolation {
        FieldViolation { pointer: pointer.into(), violation: self }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Violation {}

/// A [`Violation`] and the place where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// Where, as a JSON pointer (RFC 6901) such as `/email`; for a query parameter its name.
    pub pointer: String,
    /// What is wrong there.
    pub violation: Violation,
}

impl fmt::Display for FieldViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.violation)
    }
}
