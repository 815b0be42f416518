//! Page cursors that can be neither read nor forged.

/// Seals positions into cursors.
pub trait CursorSealer: Send + Sync {
    /// A URL-safe text that hides `position` and is good only together with `bound_to`.
    fn seal(&self, position: &[u8], bound_to: &[u8]) -> String;

    /// The position in a cursor that [`seal`](Self::seal) made with the same `bound_to`; `None` for anything else.
    fn open(&self, cursor: &str, bound_to: &[u8]) -> Option<Vec<u8>>;
}
