//! HMAC-SHA256 (RFC 2104).

use domain::values::Digest;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The code over the parts as if they were one text: whoever divides them says how.
pub(crate) fn mac(key: &Zeroizing<[u8; 32]>, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).expect("HMAC takes any key");
    for part in parts {
        mac.update(part);
    }
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// The code over the parts as they are divided: others, or the same bytes divided otherwise, have another one.
pub(crate) fn mac_of_parts(key: &Zeroizing<[u8; 32]>, parts: &[&[u8]]) -> Digest {
    // Each length in front of its part, so that none can run on into the next.
    let lengths: Vec<_> = parts.iter().map(|part| (part.len() as u64).to_be_bytes()).collect();
    let pieces: Vec<&[u8]> = lengths.iter().zip(parts).flat_map(|(length, part)| [length.as_slice(), part]).collect();
    Digest::new(*mac(key, &pieces))
}

/// Whether two codes are the same, in a time that does not tell where they differ.
pub(crate) fn is_same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    bool::from(one.ct_eq(other))
}
