//! Which numbers of a text in JSON are integers that do not fit into 64 bits.
//!
//! The reader of JSON takes them for doubles, and a double does not tell how it was written: `1e19` means about that
//! much, `10000000000000000000001` means exactly that.

/// The places of such integers among all numbers of the text, counted from 0.
pub(super) fn beyond_64_bits(json: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut count = 0;
    let mut rest = json;
    while let Some(at) = rest.find(|c: char| c == '"' || starts_number(c)) {
        rest = rest.get(at..).unwrap_or_default();
        if let Some(text) = rest.strip_prefix('"') {
            rest = behind_string(text);
            continue;
        }
        let end = rest.find(|c: char| !starts_number(c) && !matches!(c, '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let (number, behind) = rest.split_at(end);
        if is_beyond_64_bits(number) {
            found.push(count);
        }
        count += 1;
        rest = behind;
    }
    found
}

fn starts_number(c: char) -> bool {
    c == '-' || c.is_ascii_digit()
}

/// What stands behind the closing quote of a string.
fn behind_string(mut text: &str) -> &str {
    while let Some(at) = text.find(['"', '\\']) {
        let is_escape = text.as_bytes().get(at) == Some(&b'\\');
        // What is escaped by a backslash is ASCII in every text that is JSON.
        text = text.get(at + if is_escape { 2 } else { 1 }..).unwrap_or_default();
        if !is_escape {
            return text;
        }
    }
    ""
}

fn is_beyond_64_bits(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let is_integer = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_integer && number.parse::<i64>().is_err() && number.parse::<u64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_integers_beyond_64_bits_on_either_side_are_found() {
        let json = "[18446744073709551615, 18446744073709551616, -9223372036854775808, -9223372036854775809, \
                     1e19, 18446744073709551616.0, -1E300, -0, 123456789012345678901234567890]";
        assert_eq!(beyond_64_bits(json), [1, 3, 8]);
    }

    #[test]
    fn digits_in_texts_and_names_are_no_numbers() {
        let json = r#"{"99999999999999999999":"\"99999999999999999999\\","é\u0041":[true,99999999999999999999]}"#;
        assert_eq!(beyond_64_bits(json), [0]);
    }
}
