//! How other systems keep passwords, as texts that are verified here.

pub(crate) mod auth0;
mod encodings;
pub(crate) mod firebase;
pub(crate) mod keycloak;
mod texts;

pub use firebase::{FirebaseScrypt, WrongFirebaseScrypt};
pub(crate) use texts::looks_like_a_hash;
