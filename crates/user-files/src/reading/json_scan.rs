//! Where values of JSON end, without looking at what is in them: that they are JSON is found out by whoever reads them.

use memchr::memchr2;

/// Where the value ends that the bytes begin with, as far as they show; a value that is neither object nor array nor text
/// ends where the next sign or space stands.
pub(crate) fn value_end(bytes: &[u8]) -> Option<usize> {
    match bytes.first()? {
        b'{' | b'[' => nested_end(bytes),
        b'"' => string_end(bytes),
        _ => bytes.iter().position(|byte| matches!(byte, b',' | b']' | b'}' | b':') || byte.is_ascii_whitespace()),
    }
}

/// Where the text ends whose opening quote the bytes begin with.
pub(crate) fn string_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes.get(at) {
            Some(b'\\') => at += 2,
            _ => return Some(at + 1),
        }
    }
}

fn nested_end(bytes: &[u8]) -> Option<usize> {
    let mut nesting = Nesting::default();
    nesting.go_on(bytes).filter(|_| nesting.is_over())
}

/// How deep inside of a value the bytes seen so far have led.
#[derive(Debug, Default)]
pub(crate) struct Nesting {
    depth: u64,
    is_in_text: bool,
    is_escaped: bool,
    is_over: bool,
}

impl Nesting {
    /// Looks at more bytes; where the value ends in them, if it does.
    pub(crate) fn go_on(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            if self.is_in_text {
                if self.is_escaped {
                    bytes.get(at)?;
                    self.is_escaped = false;
                    at += 1;
                }
                at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
                match bytes.get(at) {
                    Some(b'\\') => self.is_escaped = true,
                    _ => self.is_in_text = false,
                }
                at += 1;
                continue;
            }
            match bytes.get(at)? {
                b'"' => self.is_in_text = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        self.is_over = true;
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn is_over(&self) -> bool {
        self.is_over
    }
}

/// The names of the first object's members, as far as the bytes show them; of an object that holds `users`, also those
/// of the first of these.
pub(crate) fn first_members(bytes: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let _ = collect_members(bytes, &mut names);
    names
}

/// `None` where the bytes end, or are not JSON.
fn collect_members(bytes: &[u8], names: &mut Vec<String>) -> Option<()> {
    let mut rest = bytes.trim_ascii_start();
    rest = rest.strip_prefix(b"[").unwrap_or(rest).trim_ascii_start();
    rest = rest.strip_prefix(b"{")?;
    loop {
        rest = rest.trim_ascii_start();
        rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
        if rest.first() != Some(&b'"') {
            return None;
        }
        let end = string_end(rest)?;
        let name = String::from_utf8_lossy(rest.get(1..end - 1)?).into_owned();
        rest = rest.get(end..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let is_list_of_users = name == "users" && rest.first() == Some(&b'[');
        names.push(name);
        if is_list_of_users {
            collect_members(rest, names);
        }
        rest = rest.get(value_end(rest)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case("{} x", Some(2))]
    #[case("{\"a\":\"}\\\"\",\"b\":[{}]},", Some(20))]
    #[case("\"a\\\\\"b", Some(5))]
    #[case("12,", Some(2))]
    #[case("null]", Some(4))]
    #[case("{\"a\":1", None)]
    #[case("\"a\\\"", None)]
    #[case("12", None)]
    #[case("", None)]
    fn a_value_ends_where_it_ends(#[case] text: &str, #[case] end: Option<usize>) {
        assert_eq!(value_end(text.as_bytes()), end);
    }

    proptest! {
        #[test]
        fn a_value_ends_at_the_same_place_in_however_many_pieces(texts in prop::collection::vec(any::<String>(), 0..4), cut in 0_usize..200) {
            let text = json!({"a": texts, "b": {"c": texts}}).to_string();
            prop_assert_eq!(value_end(format!("{text}}}").as_bytes()), Some(text.len()));
            let (first, second) = text.as_bytes().split_at(cut.min(text.len() - 1));
            let mut nesting = Nesting::default();
            prop_assert_eq!(nesting.go_on(first), None);
            prop_assert_eq!(nesting.go_on(second), Some(second.len()));
        }
    }

    #[test]
    fn names_of_members_are_found_one_level_deep() {
        let names = first_members(b" [ {\"a\" : {\"x\":1}, \"b\":\"c\", \"users\": [{\"y\": 1}]}, {\"z\": 1}]");
        assert_eq!(names, ["a", "b", "users", "y"]);
        assert!(first_members(b"[1, 2]").is_empty());
    }
}
