//! Whether bytes are text as it should be.

use crate::broken::Trouble;

/// What a file is, if its first bytes show that it is not text in UTF-8.
pub(crate) fn recognise(beginning: &[u8]) -> Option<Trouble> {
    let not_text = |what, advice| Some(Trouble::NotText { what, advice });
    match beginning {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some(Trouble::Utf16),
        [0x1F, 0x8B, ..] => not_text("a gzip file", "unpack it with `gunzip` first"),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => {
            not_text("a zip file or an Excel workbook", "unpack it, or save the sheet as \"CSV UTF-8\"")
        }
        [0xD0, 0xCF, 0x11, 0xE0, ..] => not_text("an Excel workbook", "save the sheet as \"CSV UTF-8\""),
        [0, other, 0, another, ..] | [other, 0, another, 0, ..] if *other != 0 && *another != 0 => Some(Trouble::Utf16),
        _ => None,
    }
}

/// The text of a record, or what is wrong and at which byte.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, (usize, Trouble)> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        (at, not_utf8(bytes.get(at..).unwrap_or_default()))
    })?;
    match memchr::memchr(0, bytes) {
        Some(at) => Err((at, Trouble::Nul)),
        None => Ok(text),
    }
}

fn not_utf8(bytes: &[u8]) -> Trouble {
    let byte = bytes.first().copied().unwrap_or_default();
    // Letters and signs of western languages; what those five bytes would be, Windows-1252 does not say.
    let is_of_windows = |byte: &u8| !matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D);
    // Two such bytes in a row, and more, are rather another encoding, or none.
    let run = bytes.iter().take_while(|byte| !byte.is_ascii()).count();
    if run <= 3 && bytes.iter().take(run).all(is_of_windows) { Trouble::Windows1252 } else { Trouble::NotUtf8 { byte } }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(b"M\xfcller", 1, Trouble::Windows1252)]
    #[case(b"Andr\xe9, \x80 5", 4, Trouble::Windows1252)]
    #[case(b"a\x81", 1, Trouble::NotUtf8 { byte: 0x81 })]
    #[case(b"\xcf\xf0\xe8\xe2\xe5\xf2", 0, Trouble::NotUtf8 { byte: 0xcf })]
    #[case(b"a\0", 1, Trouble::Nul)]
    fn what_is_no_text_is_named(#[case] bytes: &[u8], #[case] at: usize, #[case] trouble: Trouble) {
        assert_eq!(text(bytes), Err((at, trouble)));
    }

    #[rstest]
    #[case(b"\xff\xfeu\0s\0", Some(Trouble::Utf16))]
    #[case(b"\xfe\xff\0u", Some(Trouble::Utf16))]
    #[case(b"u\0s\0", Some(Trouble::Utf16))]
    #[case(b"\0u\0s", Some(Trouble::Utf16))]
    #[case(b"user", None)]
    #[case(b"\xef\xbb\xbfuser", None)]
    #[case(b"", None)]
    fn utf_16_is_known_by_its_beginning(#[case] bytes: &[u8], #[case] trouble: Option<Trouble>) {
        assert_eq!(recognise(bytes), trouble);
    }

    #[test]
    fn other_files_are_named() {
        assert!(recognise(b"\x1f\x8b\x08\0").unwrap().to_string().contains("gunzip"));
        assert!(recognise(b"PK\x03\x04\x14").unwrap().to_string().contains("Excel"));
    }
}
