//! Firebase's modified scrypt.

use std::fmt;

use domain::violation::Violation;

use super::encodings::{from_base64, to_base64};
use crate::formats::raw::Member;

/// Bytes of the key that a Firebase project signs with, and of each of its hashes.
const SIGNER_KEY_BYTES: usize = 64;

/// How a Firebase project hashes ("Password hash parameters" in its console). The signer key does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct FirebaseScrypt {
    signer_key: [u8; SIGNER_KEY_BYTES],
    salt_separator: Vec<u8>,
    rounds: u32,
    mem_cost: u32,
}

impl FirebaseScrypt {
    /// Takes the parameters as the console shows them: `base64_signer_key`, `base64_salt_separator`, `rounds`,
    /// `mem_cost`.
    ///
    /// # Errors
    ///
    /// One variant for each parameter.
    pub fn new(
        signer_key: &str,
        salt_separator: &str,
        rounds: u32,
        mem_cost: u32,
    ) -> Result<Self, WrongFirebaseScrypt> {
        let signer_key = from_base64(signer_key).and_then(|key| key.try_into().ok());
        let signer_key = signer_key.ok_or(WrongFirebaseScrypt::SignerKey)?;
        let salt_separator = from_base64(salt_separator).ok_or(WrongFirebaseScrypt::SaltSeparator)?;
        if !(1..=8).contains(&rounds) {
            return Err(WrongFirebaseScrypt::Rounds);
        }
        if !(1..=14).contains(&mem_cost) {
            return Err(WrongFirebaseScrypt::MemCost);
        }
        Ok(Self { signer_key, salt_separator, rounds, mem_cost })
    }

    /// The text to store; `None` if the parts are not what Firebase writes.
    fn text(&self, hash: &str, salt: &str) -> Option<String> {
        let hash: [u8; SIGNER_KEY_BYTES] = from_base64(hash)?.try_into().ok()?;
        let mut salt = from_base64(salt)?;
        salt.extend_from_slice(&self.salt_separator);
        if salt.is_empty() {
            return None;
        }
        let key_stream: Vec<u8> = hash.iter().zip(&self.signer_key).map(|(hash, key)| hash ^ key).collect();
        let (ln, r) = (self.mem_cost, self.rounds);
        Some(format!("$firebase-scrypt$ln={ln},r={r},p=1${}${}", to_base64(&salt), to_base64(&key_stream)))
    }
}

impl fmt::Debug for FirebaseScrypt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FirebaseScrypt(..)")
    }
}

/// A parameter that no Firebase project has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongFirebaseScrypt {
    /// The signer key.
    #[error("a Firebase signer key is 64 bytes in base64")]
    SignerKey,
    /// The salt separator.
    #[error("a Firebase salt separator is base64, usually Bw==")]
    SaltSeparator,
    /// The rounds.
    #[error("the rounds of Firebase's scrypt are 1 to 8")]
    Rounds,
    /// The memory cost.
    #[error("the memory cost of Firebase's scrypt is 1 to 14")]
    MemCost,
}

/// A user's hash, or why there is none.
pub(crate) fn member(hash: &str, salt: Option<&str>, scrypt: Option<&FirebaseScrypt>) -> Member<'static> {
    let text = match scrypt {
        None => Err("Firebase's hashes need the project's parameters: signer key, salt separator, rounds, memory cost"),
        Some(scrypt) => scrypt.text(hash, salt.unwrap_or_default()).ok_or("This is no hash as Firebase writes it"),
    };
    text.map_or_else(
        |detail| Member::Wrong(Violation::new("unsupported_hash", detail)),
        |text| Member::Text(text.into()),
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const SIGNER_KEY: &str = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";
    const HASH: &str = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";

    fn scrypt() -> FirebaseScrypt {
        FirebaseScrypt::new(SIGNER_KEY, "Bw==", 8, 14).unwrap()
    }

    /// The example of Firebase's own documents, password `user1password`; the expected text was computed with Python.
    #[test]
    fn the_signer_key_is_taken_off() {
        let text = "$firebase-scrypt$ln=14,r=8,p=1$42xEC+ixf3L2lwc$GjH2+Jz+dglLj5NuFkZHgBvZnv8Z8VZE5sdIgEAbIgeXy+ZfSpJL\
                    u1A++pZcpx0OhX41mDwvu2Olmp+PnfLfyQ";
        assert_eq!(member(HASH, Some("42xEC+ixf3L2lw=="), Some(&scrypt())), Member::Text(text.into()));
        let url_safe = HASH.replace('+', "-").replace('/', "_");
        assert_eq!(member(&url_safe, Some("42xEC-ixf3L2lw"), Some(&scrypt())), Member::Text(text.into()));
    }

    #[test]
    fn without_the_projects_parameters_there_is_no_hash() {
        assert!(matches!(member(HASH, Some("42xEC+ixf3L2lw=="), None), Member::Wrong(_)));
        assert!(matches!(member("c2hvcnQ=", Some("42xEC+ixf3L2lw=="), Some(&scrypt())), Member::Wrong(_)));
    }

    #[rstest]
    #[case("c2hvcnQ=", "Bw==", 8, 14, WrongFirebaseScrypt::SignerKey)]
    #[case(SIGNER_KEY, "?", 8, 14, WrongFirebaseScrypt::SaltSeparator)]
    #[case(SIGNER_KEY, "Bw==", 0, 14, WrongFirebaseScrypt::Rounds)]
    #[case(SIGNER_KEY, "Bw==", 8, 15, WrongFirebaseScrypt::MemCost)]
    fn wrong_parameters_are_named(
        #[case] signer_key: &str,
        #[case] salt_separator: &str,
        #[case] rounds: u32,
        #[case] mem_cost: u32,
        #[case] error: WrongFirebaseScrypt,
    ) {
        assert_eq!(FirebaseScrypt::new(signer_key, salt_separator, rounds, mem_cost), Err(error));
    }

    #[test]
    fn the_signer_key_never_prints() {
        assert_eq!(format!("{:?}", scrypt()), "FirebaseScrypt(..)");
    }
}
