//! Signing in and staying signed in, as sentences.

mod accounts;
mod authenticate;
mod login;
mod passwords;
mod people;
mod refresh;
mod sessions;
mod trouble;
