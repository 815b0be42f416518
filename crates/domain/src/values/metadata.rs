//! What an application keeps about a user for itself.

use crate::violation::Violation;

/// A JSON object of at most 16 KiB, opaque here: the text of its compact form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Metadata(String);

impl Metadata {
    /// The most bytes that the compact JSON may have.
    pub const MAX_BYTES: usize = 16 * 1024;

    /// Takes the compact JSON text of an object. That it is valid JSON is the caller's promise.
    ///
    /// # Errors
    ///
    /// - `not_an_object` if it does not begin with `{` and end with `}`.
    /// - `too_large` if it has more than [`MAX_BYTES`](Self::MAX_BYTES).
    pub fn from_json_object(text: String) -> Result<Self, Violation> {
        Self::check(&text)?;
        Ok(Self(text))
    }

    pub(crate) fn check(text: &str) -> Result<(), Violation> {
        if !(text.starts_with('{') && text.ends_with('}')) {
            return Err(Violation::new("not_an_object", "Metadata is a JSON object"));
        }
        if text.len() > Self::MAX_BYTES {
            return Err(Violation::new("too_large", "Metadata has at most 16 KiB as compact JSON"));
        }
        Ok(())
    }

    /// The object without members, which every user starts with.
    pub fn empty() -> Self {
        Self("{}".to_owned())
    }

    /// Takes back what [`as_json`](Self::as_json) gave to a database; it is not checked again.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The JSON text.
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

impl Default for Metadata {
    fn default() -> Self {
        Self::empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object_of(bytes: usize) -> String {
        format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8))
    }

    #[test]
    fn metadata_starts_empty() {
        assert_eq!(Metadata::default().as_json(), "{}");
    }

    #[test]
    fn sixteen_kibibytes_are_the_most() {
        assert_eq!(Metadata::from_json_object(object_of(16 * 1024)).unwrap().as_json().len(), 16 * 1024);
        assert_eq!(Metadata::from_json_object(object_of(16 * 1024 + 1)).unwrap_err().code(), "too_large");
    }

    #[test]
    fn only_objects_are_metadata() {
        for text in ["", "[]", "null", "\"{}\"", "{", "}"] {
            assert_eq!(Metadata::from_json_object(text.into()).unwrap_err().code(), "not_an_object", "{text:?}");
        }
    }
}
