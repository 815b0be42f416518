//! Bytes that stand for others, without cryptography.

/// FNV-1a, four times: different parts of a test have different bytes, and that is all that is wanted.
pub(crate) fn mixed(parts: &[&[u8]]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (lane, chunk) in bytes.chunks_mut(8).enumerate() {
        let seed = 0xcbf2_9ce4_8422_2325_u64 ^ lane as u64;
        let hash = parts.iter().fold(seed, |hash, part| {
            // The length in front, so that no part can run on into the next.
            let length = (part.len() as u64).to_be_bytes();
            length.iter().chain(*part).fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
        });
        chunk.copy_from_slice(&hash.to_be_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_parts_and_the_same_ones_divided_otherwise_are_mixed_to_other_bytes() {
        let of = [&[&b"ab"[..], b"c"][..], &[b"a", b"bc"], &[b"abc"], &[b"abc", b""], &[b"abd"]].map(mixed);
        for (place, one) in of.iter().enumerate() {
            assert!(!of[..place].contains(one), "{place}");
        }
    }
}
