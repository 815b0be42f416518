//! The pieces that stored hashes are written in.

use base64::Engine;
use base64::alphabet::Alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, STANDARD, STANDARD_NO_PAD};

/// passlib's "adapted base64", which has a dot in the place of the plus sign.
const ADAPTED_BASE64: GeneralPurpose = GeneralPurpose::new(&ADAPTED, NO_PAD);

const ADAPTED: Alphabet = match Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./") {
    Ok(alphabet) => alphabet,
    Err(_) => panic!("64 different characters are an alphabet"),
};

/// A decimal number as programs write it: no sign, no leading zero.
pub(super) fn number(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if is_plain { text.parse().ok() } else { None }
}

/// The number in `name=number`.
pub(super) fn named_number(text: &str, name: &str) -> Option<u32> {
    number(text.strip_prefix(name)?.strip_prefix('=')?)
}

/// Base64 as in Python's `b64encode`.
pub(super) fn padded(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Base64 without padding, as in PHC strings.
pub(super) fn unpadded(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text).ok()
}

/// passlib's base64 of PBKDF2 hashes.
pub(super) fn adapted(text: &str) -> Option<Vec<u8>> {
    ADAPTED_BASE64.decode(text).ok()
}

/// The parts of a text between dollar signs, if there are `N`.
pub(super) fn parts<const N: usize>(text: &str) -> Option<[&str; N]> {
    let parts: Vec<_> = text.split('$').collect();
    parts.try_into().ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("0", Some(0))]
    #[case("4294967295", Some(u32::MAX))]
    #[case("4294967296", None)]
    #[case("", None)]
    #[case("+1", None)]
    #[case("-1", None)]
    #[case(" 1", None)]
    #[case("01", None)]
    #[case("00", None)]
    #[case("1e3", None)]
    #[case("٣", None)]
    fn numbers_are_read_as_programs_write_them(#[case] text: &str, #[case] value: Option<u32>) {
        assert_eq!(number(text), value);
    }

    #[test]
    fn each_base64_is_read_in_its_own_alphabet_only() {
        assert_eq!(
            (padded("+/8="), unpadded("+/8"), adapted("./8")),
            (Some(vec![251, 255]), Some(vec![251, 255]), Some(vec![251, 255]))
        );
        assert_eq!((padded("+/8"), unpadded("+/8="), adapted("+/8")), (None, None, None));
    }

    #[test]
    fn parts_are_as_many_as_asked_for() {
        assert_eq!(parts("a$$b"), Some(["a", "", "b"]));
        assert_eq!(parts::<2>("a$$b"), None);
        assert_eq!(parts::<4>("a$$b"), None);
    }
}
