//! Secrets that a person can read.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::ports::SecretGenerator;
use domain::values::{Digest, Nonce, SecretToken};

use crate::mixing::mixed;

/// Tokens that count up, and digests that anybody can compute: for tests only.
#[derive(Debug, Default)]
pub struct SequentialSecrets {
    last: AtomicU64,
}

impl SequentialSecrets {
    /// Secrets from the beginning.
    pub fn new() -> Self {
        Self::default()
    }

    fn next(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl SecretGenerator for SequentialSecrets {
    fn token(&self) -> SecretToken {
        SecretToken::new(format!("{:_>43}", format!("token-{}", self.next())))
    }

    fn nonce(&self) -> Nonce {
        Nonce::new(mixed(&[self.next().to_string().as_bytes()]))
    }

    fn successor(&self, token: &SecretToken, nonce: &Nonce) -> SecretToken {
        let mixed = mixed(&[token.expose().as_bytes(), nonce.bytes()]);
        let digits: String = mixed.iter().map(|byte| char::from(b'a' + byte % 26)).collect();
        SecretToken::new(format!("{digits:_>43}"))
    }

    fn digest(&self, token: &SecretToken) -> Digest {
        Digest::new(mixed(&[token.expose().as_bytes()]))
    }

    fn pseudonym(&self, purpose: &str, text: &str) -> Digest {
        Digest::new(mixed(&[purpose.as_bytes(), text.as_bytes()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_is_a_token_and_the_same_each_time() {
        let secrets = SequentialSecrets::new();
        let (token, nonce) = (secrets.token(), secrets.nonce());
        let successor = secrets.successor(&token, &nonce);
        assert!(SecretToken::parse(token.expose()).is_some() && SecretToken::parse(successor.expose()).is_some());
        assert_eq!(successor.expose(), secrets.successor(&token, &nonce).expose());
        assert_ne!(successor.expose(), secrets.successor(&token, &secrets.nonce()).expose());
    }

    #[test]
    fn other_texts_and_other_purposes_have_other_pseudonyms() {
        let secrets = SequentialSecrets::new();
        assert_eq!(secrets.pseudonym("name", "ann"), secrets.pseudonym("name", "ann"));
        assert_ne!(secrets.pseudonym("name", "ann"), secrets.pseudonym("name", "bob"));
        assert_ne!(secrets.pseudonym("name", "ann"), secrets.pseudonym("network", "ann"));
    }
}
