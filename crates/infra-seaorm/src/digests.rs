//! Digests as databases keep them: 32 bytes.

use domain::values::Digest;
use sea_orm::Value;

use crate::faults::Defect;

pub(crate) fn to_stored_digest(digest: Digest) -> Value {
    digest.bytes().to_vec().into()
}

pub(crate) fn from_stored_digest(bytes: &[u8]) -> Result<Digest, Defect> {
    thirty_two_bytes(bytes).map(Digest::new)
}

pub(crate) fn thirty_two_bytes(bytes: &[u8]) -> Result<[u8; 32], Defect> {
    bytes.try_into().map_err(|_| Defect::NoDigest { bytes: bytes.len() })
}

/// The 64 bytes of a signature.
pub(crate) fn sixty_four_bytes(bytes: &[u8]) -> Result<[u8; 64], Defect> {
    bytes.try_into().map_err(|_| Defect::NoSignature { bytes: bytes.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_32_bytes_are_a_digest() {
        assert_eq!(from_stored_digest(&[7; 32]).unwrap(), Digest::new([7; 32]));
        for length in [0, 31, 33] {
            assert!(from_stored_digest(&vec![7; length]).is_err(), "{length}");
        }
    }
}
