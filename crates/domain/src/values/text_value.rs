//! What every value made of text has in common.

/// Gives a newtype around `String` its reading, its way back from storage and its display.
macro_rules! text_value {
    ($name:ident) => {
        impl $name {
            /// Takes back what [`as_str`](Self::as_str) gave to a database; it is not checked again.
            pub fn from_stored(text: String) -> Self {
                Self(text)
            }

            /// The text as it is stored and shown.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

pub(super) use text_value;
