//! Signing in, as sentences.
