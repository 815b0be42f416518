//! The port [`SecretGenerator`] with the system's randomness and HMAC-SHA256.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ports::SecretGenerator;
use domain::values::{Digest, Nonce, SecretToken};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::encryption_key::EncryptionKey;
use crate::hmac_sha256::mac;
use crate::sealing::random;

/// With another purpose, the successors of tokens that were spent before would be others, and retries be taken for theft.
const SUCCESSOR_PURPOSE: &str = "usermgmt token successor v1";

/// With another purpose, everybody would have another pseudonym, and what was counted under the old one be forgotten.
const PSEUDONYM_PURPOSE: &str = "usermgmt pseudonym v1";

/// Makes tokens from the system's randomness, and successors and pseudonyms under keys derived from the encryption key.
pub struct HmacSecretGenerator {
    successor_key: Zeroizing<[u8; 32]>,
    pseudonym_key: Zeroizing<[u8; 32]>,
}

impl HmacSecretGenerator {
    /// Every process that shares a database needs the same key.
    pub fn new(key: &EncryptionKey) -> Self {
        Self { successor_key: key.derive(SUCCESSOR_PURPOSE), pseudonym_key: key.derive(PSEUDONYM_PURPOSE) }
    }
}

impl SecretGenerator for HmacSecretGenerator {
    fn token(&self) -> SecretToken {
        token_of(&random())
    }

    fn nonce(&self) -> Nonce {
        Nonce::new(*random())
    }

    fn successor(&self, token: &SecretToken, nonce: &Nonce) -> SecretToken {
        // The nonce has a fixed length, so it is clear where the token ends.
        token_of(&mac(&self.successor_key, &[token.expose().as_bytes(), nonce.bytes()]))
    }

    fn digest(&self, token: &SecretToken) -> Digest {
        Digest::new(Sha256::digest(token.expose()).into())
    }

    fn pseudonym(&self, purpose: &str, text: &str) -> Digest {
        // The length in front, so that no purpose can run on into the text.
        let length = (purpose.len() as u64).to_be_bytes();
        Digest::new(*mac(&self.pseudonym_key, &[&length, purpose.as_bytes(), text.as_bytes()]))
    }
}

impl fmt::Debug for HmacSecretGenerator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HmacSecretGenerator").finish_non_exhaustive()
    }
}

fn token_of(bytes: &Zeroizing<[u8; 32]>) -> SecretToken {
    SecretToken::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn secrets(key: u8) -> HmacSecretGenerator {
        HmacSecretGenerator::new(&EncryptionKey::new([key; 32]))
    }

    fn base64(digest: Digest) -> String {
        URL_SAFE_NO_PAD.encode(digest.bytes())
    }

    #[test]
    fn tokens_and_nonces_are_new_each_time() {
        let secrets = secrets(1);
        let tokens: HashSet<_> = (0..1000).map(|_| secrets.token().expose().to_owned()).collect();
        let nonces: HashSet<_> = (0..1000).map(|_| *secrets.nonce().bytes()).collect();
        assert_eq!((tokens.len(), nonces.len()), (1000, 1000));
        assert!(tokens.iter().all(|token| SecretToken::parse(token).is_some()));
    }

    #[test]
    fn every_bit_of_a_token_is_random() {
        let secrets = secrets(1);
        let (mut ones, mut zeros) = ([0; 32], [0; 32]);
        for _ in 0..200 {
            let bytes = URL_SAFE_NO_PAD.decode(secrets.token().expose()).unwrap();
            for (place, byte) in bytes.into_iter().enumerate() {
                ones[place] |= byte;
                zeros[place] |= !byte;
            }
        }
        assert_eq!((ones, zeros), ([0xff; 32], [0xff; 32]));
    }

    #[test]
    fn a_successor_is_a_token_and_the_same_in_every_process_with_the_key() {
        let (token, nonce) = (secrets(1).token(), secrets(1).nonce());
        let successor = secrets(1).successor(&token, &nonce);
        assert!(SecretToken::parse(successor.expose()).is_some());
        assert_eq!(successor.expose(), secrets(1).successor(&token, &nonce).expose());
    }

    #[test]
    fn another_token_nonce_or_key_has_another_successor() {
        let one = secrets(1);
        let (token, nonce) = (one.token(), one.nonce());
        let successors = [
            one.successor(&token, &nonce),
            one.successor(&one.token(), &nonce),
            one.successor(&token, &one.nonce()),
            secrets(2).successor(&token, &nonce),
            token,
        ];
        let texts: HashSet<_> = successors.iter().map(SecretToken::expose).collect();
        assert_eq!(texts.len(), 5);
    }

    #[test]
    fn a_digest_is_the_sha_256_of_the_text() {
        // printf %s aaa… (43 times) | openssl sha256 -binary | basenc --base64url
        let digest = secrets(1).digest(&SecretToken::new("a".repeat(43)));
        assert_eq!(base64(digest), "ZtNPunH49FD35FWYhT5Tv8I7vRKQJ8uxMaL0_9eHjNA");
        assert_eq!(digest, secrets(2).digest(&SecretToken::new("a".repeat(43))), "it needs no key");
    }

    /// What is stored under them must be found again by later versions. Computed with Python's `hmac` and a HKDF of its own.
    #[test]
    fn successors_and_pseudonyms_stay_what_they_were() {
        let secrets = secrets(1);
        let token = SecretToken::new("a".repeat(43));
        assert_eq!(
            secrets.successor(&token, &Nonce::new([7; 32])).expose(),
            "M7mcLL_l1I21LAnWEKL6VYbTD7wp2iVI49WeVJ6XpYw"
        );
        assert_eq!(base64(secrets.pseudonym("name", "ann")), "9p43ssEemqLkftkrD4JZBqmX9f0cuFsg5IYVF_aKru4");
    }

    #[test]
    fn another_purpose_text_or_key_has_another_pseudonym() {
        let pseudonyms = HashSet::from([
            secrets(1).pseudonym("name", "ann"),
            secrets(1).pseudonym("name", "bob"),
            secrets(1).pseudonym("network", "ann"),
            secrets(1).pseudonym("namea", "nn"),
            secrets(1).pseudonym("", "nameann"),
            secrets(2).pseudonym("name", "ann"),
        ]);
        assert_eq!(pseudonyms.len(), 6);
    }

    #[test]
    fn debug_does_not_show_the_keys() {
        assert_eq!(format!("{:?}", secrets(1)), "HmacSecretGenerator { .. }");
    }

    proptest! {
        #[test]
        fn a_purpose_does_not_run_on_into_the_text(text in "\\PC{1,20}", place: prop::sample::Index) {
            let places: Vec<_> = text.char_indices().map(|(place, _)| place).collect();
            let (purpose, rest) = text.split_at(places[place.index(places.len())]);
            prop_assert_ne!(secrets(1).pseudonym(purpose, rest), secrets(1).pseudonym(&text, ""));
        }
    }
}
