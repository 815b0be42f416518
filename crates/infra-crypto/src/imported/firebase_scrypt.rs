//! Firebase's scrypt as imports write it: `$firebase-scrypt$ln=14,r=8,p=1$salt$keystream`.
//!
//! Firebase takes 32 bytes of scrypt as the key of AES-256 in counter mode, encrypts its project's signer key of 64 bytes
//! and keeps the ciphertext. An import, which has the signer key, takes that away again: what is left is the stream
//! of the cipher itself, and no key of another service need be kept. The salt is the account's, then the project's
//! separator.

use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use scrypt::Params;
use zeroize::Zeroizing;

use super::fields::{named_number, parts, unpadded};
use super::{SALT_BYTES, scrypt_hash};

/// The signer key's length, and so the stream's.
const STREAM_BYTES: usize = 64;

const KEY_BYTES: usize = 32;

/// What a hash takes to be made again.
pub(super) struct Recipe {
    params: Params,
    salt: Vec<u8>,
}

impl Recipe {
    /// Reads the hash into what makes it and what comes out; `None` for other texts and for more than the limits.
    pub(super) fn parse(text: &str) -> Option<(Self, Vec<u8>)> {
        let [parameters, salt, stream] = parts(text.strip_prefix("$firebase-scrypt$")?)?;
        let mut fields = parameters.split(',');
        let log_n = named_number(fields.next()?, "ln")?;
        let (r, p) = (named_number(fields.next()?, "r")?, named_number(fields.next()?, "p")?);
        if fields.next().is_some() {
            return None;
        }
        let params = scrypt_hash::bounded(log_n, r, p)?;
        let (salt, stream) = (unpadded(salt)?, unpadded(stream)?);
        let is_sane = (1..=SALT_BYTES).contains(&salt.len()) && stream.len() == STREAM_BYTES;
        is_sane.then_some((Self { params, salt }, stream))
    }

    /// Makes the hash of `password`.
    pub(super) fn make(&self, password: &[u8], stream: &mut [u8]) {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        scrypt::scrypt(password, &self.salt, &self.params, key.as_mut_slice()).expect("scrypt makes 32 bytes");
        stream.fill(0);
        let key = UnboundCipherKey::new(&AES_256, key.as_slice()).expect("AES-256 takes 32 bytes");
        let from_zero = EncryptionContext::Iv128(FixedLength::from([0; 16]));
        EncryptingKey::ctr(key)
            .and_then(|key| key.less_safe_encrypt(stream, from_zero))
            .expect("a counter of 16 bytes goes with AES-256 in counter mode");
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const SALT: &str = "42xEC+ixf3L2lwc";
    const STREAM: &str = "GjH2+Jz+dglLj5NuFkZHgBvZnv8Z8VZE5sdIgEAbIgeXy+ZfSpJLu1A++pZcpx0OhX41mDwvu2Olmp+PnfLfyQ";

    fn is_read(parameters: &str, salt: &str, stream: &str) -> bool {
        Recipe::parse(&format!("$firebase-scrypt${parameters}${salt}${stream}")).is_some()
    }

    /// The example in the README of github.com/firebase/scrypt, whose `passwordHash` is the stream under the signer key.
    #[test]
    fn the_stream_is_what_firebase_encrypts_the_signer_key_with() {
        let signer_key = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA";
        let password_hash = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ";
        let text = format!("$firebase-scrypt$ln=14,r=8,p=1${SALT}${STREAM}");
        let (recipe, _) = Recipe::parse(&text).unwrap();
        let mut stream = [0xff; STREAM_BYTES];
        recipe.make(b"user1password", &mut stream);

        let (signer_key, password_hash) = (unpadded(signer_key).unwrap(), unpadded(password_hash).unwrap());
        let encrypted: Vec<u8> = stream.iter().zip(signer_key).map(|(one, other)| one ^ other).collect();
        assert_eq!(encrypted, password_hash);
    }

    #[rstest]
    #[case::usual("ln=14,r=8,p=1", true)]
    #[case::most_memory("ln=18,r=8,p=1", true)]
    #[case::most_work("ln=18,r=8,p=4", true)]
    #[case::too_much_memory("ln=18,r=9,p=1", false)]
    #[case::too_much_work("ln=18,r=8,p=5", false)]
    #[case::no_memory("ln=0,r=8,p=1", false)]
    #[case::no_r("ln=14,r=0,p=1", false)]
    #[case::no_p("ln=14,r=8,p=0", false)]
    #[case::signed("ln=+14,r=8,p=1", false)]
    #[case::leading_zero("ln=014,r=8,p=1", false)]
    #[case::other_order("r=8,ln=14,p=1", false)]
    #[case::fewer_parameters("ln=14,r=8", false)]
    #[case::more_parameters("ln=14,r=8,p=1,x=1", false)]
    fn parameters_have_limits_and_one_order(#[case] parameters: &str, #[case] is_hash: bool) {
        assert_eq!(is_read(parameters, SALT, STREAM), is_hash);
    }

    #[rstest]
    #[case::usual(SALT, STREAM, true)]
    #[case::short_salt("AA", STREAM, true)]
    #[case::no_salt("", STREAM, false)]
    #[case::longest_salt(&format!("{}AAA", "AAAA".repeat(42)), STREAM, true)]
    #[case::long_salt(&"AAAA".repeat(43), STREAM, false)]
    #[case::padded_salt("42xEC+ixf3L2lwc=", STREAM, false)]
    #[case::padded_stream(SALT, &format!("{STREAM}=="), false)]
    #[case::short_stream(SALT, &"A".repeat(84), false)]
    #[case::long_stream(SALT, &"A".repeat(87), false)]
    #[case::no_stream(SALT, "", false)]
    #[case::other_alphabet(SALT, &STREAM.replace('+', "-"), false)]
    fn salts_and_streams_have_sane_lengths(#[case] salt: &str, #[case] stream: &str, #[case] is_hash: bool) {
        assert_eq!(is_read("ln=14,r=8,p=1", salt, stream), is_hash);
    }
}
