use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use rstest::rstest;

use crate::place::place;
use crate::production::production;
use crate::secrets::{JWT_SECRET, OLD_JWT_SECRET};

#[rstest]
fn a_secret_that_can_be_guessed_is_refused_in_production_and_nowhere_else(
    #[values(
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "abababababababababababababababababab",
        "q8Zr0vKtX3q8Zr0vKtX3q8Zr0vKtX3q8Z",
        "q8Zr0vKtX3wPb5Nq8Zr0vKtX3wPb5Nq8Z",
        "changeme-changeme-changeme-changeme!",
        "Change_Me: x9Kq2LmV7tRw4ZbN8sYc5HdJ",
        "secret: x9Kq2LmV7tRw4ZbN8sYc5HdJ0pQ",
        "SECRET_x9Kq2LmV7tRw4ZbN8sYc5HdJ0pQu",
        "password-x9Kq2LmV7tRw4ZbN8sYc5HdJ0pQ",
        "your-256-bit-secret-of-jwt-dot-io-00",
        "a-string-secret-at-least-256-bits-long",
        "your-secret-key-change-in-production",
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
        "0123456789abcdef0123456789abcdef",
        "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
    )]
    secret: &str,
) {
    let refusal = production().env("JWT_SECRET", secret).refusal();
    assert_eq!(
        refusal,
        "JWT_SECRET with ENVIRONMENT=production: the value can be guessed; set it to what `openssl rand -base64 32` prints"
    );
    let refusal = production().env("JWT_SECRET_PREVIOUS", secret).refusal();
    assert_eq!(
        refusal,
        "JWT_SECRET_PREVIOUS with ENVIRONMENT=production: the value can be guessed; leave it out, and clients refresh \
         their tokens"
    );
    place().env("JWT_SECRET", secret).env("JWT_SECRET_PREVIOUS", secret).env("ENVIRONMENT", "staging").load();
}

#[test]
fn secrets_that_were_made_well_are_fine() {
    for secret in [JWT_SECRET, OLD_JWT_SECRET, "5e884898da28047151d0e56f8dc62927", "kX9#vLq2!mZ@7pRw4$TbN8^sYc5&HdJ0"] {
        production().env("JWT_SECRET", secret).env("JWT_SECRET_PREVIOUS", OLD_JWT_SECRET).load();
    }
}

proptest! {
    #[test]
    fn what_openssl_makes_is_not_weak(bytes in any::<[u8; 32]>()) {
        production().env("JWT_SECRET", &STANDARD.encode(bytes)).load();
    }
}
