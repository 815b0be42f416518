//! The port [`AuditSigner`] with Ed25519 and HMAC-SHA256.

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use domain::ports::AuditSigner;
use domain::values::Digest;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::AuditPublicKey;
use crate::hmac_sha256::{is_same, mac};

/// Databases keep codes that were made for this purpose: it must never change.
const CODE_PURPOSE: &str = "usermgmt audit event code v1";

/// Signs checkpoints with an Ed25519 key, and authenticates events with a key derived from its seed.
pub struct Ed25519AuditSigner {
    pair: Ed25519KeyPair,
    public_key: AuditPublicKey,
    code_key: Zeroizing<[u8; 32]>,
    earlier_code_keys: Vec<Zeroizing<[u8; 32]>>,
    earlier_public_keys: Vec<AuditPublicKey>,
}

impl Ed25519AuditSigner {
    /// Takes the seed, which is the private key as RFC 8032 has it: 32 random bytes.
    pub fn new(seed: &[u8; 32]) -> Self {
        let pair = pair(seed);
        Self {
            public_key: public_key(&pair),
            pair,
            code_key: code_key(seed),
            earlier_code_keys: Vec::new(),
            earlier_public_keys: Vec::new(),
        }
    }

    /// The same, knowing also what was signed and authenticated with the key before.
    #[must_use]
    pub fn knowing(mut self, seed: &[u8; 32]) -> Self {
        self.earlier_code_keys.push(code_key(seed));
        self.knowing_signatures(public_key(&pair(seed)))
    }

    /// The same, knowing the signatures of a key of which only the public half is left.
    #[must_use]
    pub fn knowing_signatures(mut self, key: AuditPublicKey) -> Self {
        self.earlier_public_keys.push(key);
        self
    }

    /// The public half of the key that signs.
    pub const fn audit_public_key(&self) -> AuditPublicKey {
        self.public_key
    }
}

fn pair(seed: &[u8; 32]) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are a seed")
}

fn public_key(pair: &Ed25519KeyPair) -> AuditPublicKey {
    let bytes = pair.public_key().as_ref().try_into().expect("a public key has 32 bytes");
    AuditPublicKey::of_pair(bytes)
}

fn code_key(seed: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, seed)
        .expand(CODE_PURPOSE.as_bytes(), key.as_mut_slice())
        .expect("HKDF-SHA256 gives up to 8160 bytes");
    key
}

impl AuditSigner for Ed25519AuditSigner {
    fn authenticate(&self, canonical: &[u8]) -> Digest {
        Digest::new(*mac(&self.code_key, &[canonical]))
    }

    fn is_authentic(&self, canonical: &[u8], code: &Digest) -> bool {
        let mut keys = std::iter::once(&self.code_key).chain(&self.earlier_code_keys);
        keys.any(|key| is_same(&mac(key, &[canonical]), code.bytes()))
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.pair.sign(message).as_ref().try_into().expect("a signature has 64 bytes")
    }

    fn is_signed(&self, key_id: &str, message: &[u8], signature: &[u8; 64]) -> bool {
        let mut keys = std::iter::once(&self.public_key).chain(&self.earlier_public_keys);
        keys.any(|key| key.id() == key_id && key.is_signed(message, signature))
    }

    fn key_id(&self) -> String {
        self.public_key.id()
    }

    fn public_key(&self) -> [u8; 32] {
        *self.public_key.bytes()
    }
}

impl fmt::Debug for Ed25519AuditSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ed25519AuditSigner").field("public_key", &self.public_key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
    }

    fn signer(seed: u8) -> Ed25519AuditSigner {
        Ed25519AuditSigner::new(&[seed; 32])
    }

    /// RFC 8032 §7.1, tests 1 to 3 and SHA(abc).
    #[rstest]
    #[case::nothing(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        &[],
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )]
    #[case::one_byte(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        &[0x72],
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )]
    #[case::two_bytes(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        &[0xaf, 0x82],
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )]
    #[case::a_hash(
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        &bytes::<64>("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
    )]
    fn signatures_are_those_of_the_standard(
        #[case] seed: &str,
        #[case] public_key: &str,
        #[case] message: &[u8],
        #[case] signature: &str,
    ) {
        let signer = Ed25519AuditSigner::new(&bytes(seed));
        assert_eq!(signer.public_key(), bytes(public_key));
        assert_eq!(signer.sign(message), bytes(signature));

        let alone = AuditPublicKey::parse(public_key).unwrap();
        assert_eq!(alone, signer.audit_public_key());
        assert!(alone.is_signed(message, &bytes(signature)));
        assert!(!alone.is_signed(b"another message", &bytes(signature)));
        let mut changed = bytes(signature);
        changed[40] ^= 1;
        assert!(!alone.is_signed(message, &changed));
    }

    #[test]
    fn a_signature_is_known_by_the_name_of_its_key() {
        let (signer, other) = (signer(1), signer(2));
        let signature = signer.sign(b"message");

        assert_eq!(signer.key_id(), signer.audit_public_key().id());
        assert!(signer.is_signed(&signer.key_id(), b"message", &signature));
        assert!(!signer.is_signed(&signer.key_id(), b"another", &signature));
        assert!(!signer.is_signed(&other.key_id(), b"message", &signature));
        assert!(!other.is_signed(&signer.key_id(), b"message", &signature));
        assert!(!other.is_signed(&other.key_id(), b"message", &signature));
    }

    #[test]
    fn what_earlier_keys_signed_and_authenticated_is_known_and_the_new_one_is_used() {
        let earlier = signer(1);
        let (code, signature) = (earlier.authenticate(b"event"), earlier.sign(b"message"));
        let now = signer(3).knowing(&[2; 32]).knowing(&[1; 32]);

        assert!(now.is_authentic(b"event", &code) && now.is_signed(&earlier.key_id(), b"message", &signature));
        assert!(!signer(3).is_authentic(b"event", &code));
        assert_eq!(now.authenticate(b"event"), signer(3).authenticate(b"event"));
        assert_eq!((now.sign(b"message"), now.key_id()), (signer(3).sign(b"message"), signer(3).key_id()));
    }

    #[test]
    fn of_a_key_whose_public_half_is_left_signatures_are_known_and_codes_are_not() {
        let earlier = signer(1);
        let now = signer(2).knowing_signatures(earlier.audit_public_key());
        assert!(now.is_signed(&earlier.key_id(), b"message", &earlier.sign(b"message")));
        assert!(!now.is_authentic(b"event", &earlier.authenticate(b"event")));
    }

    #[test]
    fn a_code_is_good_for_its_event_and_key_only() {
        let code = signer(1).authenticate(b"event");
        assert!(signer(1).is_authentic(b"event", &code));
        assert!(!signer(1).is_authentic(b"another", &code));
        assert!(!signer(2).is_authentic(b"event", &code));
    }

    #[test]
    fn codes_are_the_same_for_ever() {
        // Worked out by another implementation of HKDF and HMAC.
        assert_eq!(
            signer(1).authenticate(b"event").to_hex(),
            "b4560dd0ad4e0cb93919182fc1b2b3bb7e5a2675c7dcf40b09595b354c909d2b"
        );
    }

    #[test]
    fn debug_shows_the_public_key_alone() {
        let shown = format!("{:?}", signer(1));
        assert_eq!(shown, format!("Ed25519AuditSigner {{ public_key: AuditPublicKey({}), .. }}", signer(1).public_key));
    }
}
