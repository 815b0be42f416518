//! Somebody to sign in.
