//! JSON read strictly: what two readers could understand differently is refused.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error_code::ErrorCode;
use crate::problem::{FieldProblem, Problem};

/// How deep arrays and objects may nest.
const MAX_DEPTH: usize = 32;

/// Parses JSON.
///
/// # Errors
///
/// [`ErrorCode::MalformedJson`] for anything that is not JSON in UTF-8, for repeated members, for more than
/// [`MAX_DEPTH`] levels, and for numbers no JSON reader can hold (`1e400`).
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: MAX_DEPTH }.deserialize(&mut reader);
    value
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| Problem::new(ErrorCode::MalformedJson, format!("The body is not valid JSON: {error}")))
}

/// The values no user can have, wherever they stand: NUL in a text or a name, and numbers beyond 64 bits, which would
/// come back as other numbers.
pub(super) fn unusable_values(value: &Value) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    walk(value, &mut String::new(), &mut found);
    found
}

fn walk(value: &Value, pointer: &mut String, found: &mut Vec<FieldProblem>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => {
            if number.as_f64().is_some_and(is_beyond_64_bits) && !number.is_u64() && !number.is_i64() {
                found.push(FieldProblem::new(&**pointer, "number_too_large", "The number does not fit into 64 bits"));
            }
        }
        Value::String(text) => found.extend(nul(text, pointer)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                descend(&index.to_string(), item, pointer, found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                found.extend(nul(name, pointer));
                descend(name, member, pointer, found);
            }
        }
    }
}

fn descend(step: &str, value: &Value, pointer: &mut String, found: &mut Vec<FieldProblem>) {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
    walk(value, pointer, found);
    pointer.truncate(length);
}

fn nul(text: &str, pointer: &str) -> Option<FieldProblem> {
    text.contains('\0').then(|| FieldProblem::new(pointer, "control_character", "A text cannot hold the character NUL"))
}

/// Whether a number lies outside of both 64-bit integer types: 2^64 and more, or less than -2^63.
fn is_beyond_64_bits(number: f64) -> bool {
    !(-9_223_372_036_854_775_808.0..18_446_744_073_709_551_616.0).contains(&number)
}

/// Builds a value and counts its levels.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth }),
            None => Err(E::custom(format_args!("more than {MAX_DEPTH} levels"))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(deeper)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom("a member stands twice in one object"));
            }
            let value = members.next_value_seed(deeper)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> String {
        "[".repeat(levels) + &"]".repeat(levels)
    }

    #[test]
    fn json_is_read() {
        let text = r#" {"a": [1, -2.5, true, null, "\ud83d\ude00ü"], "b": {"a": 1}} "#;
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(parse(text.as_bytes()).unwrap(), expected);
        assert!(parse(nested(32).as_bytes()).is_ok());
    }

    #[test]
    fn what_is_not_strictly_json_is_malformed() {
        let deep = nested(33);
        let very_deep = nested(30_000);
        let cases: [&[u8]; 17] = [
            b"{",
            b"nope",
            b"{} {}",
            b"{}x",
            b"\xef\xbb\xbf{}",
            b"{\"a\":1,\"a\":2}",
            b"{\"b\":[{\"a\":1,\"\\u0061\":2}]}",
            b"\"\xff\"",
            b"\"\\ud800\"",
            b"\"\\udc00\"",
            b"1e400",
            b"[01]",
            b"[1,]",
            b"{'a':1}",
            b"NaN",
            deep.as_bytes(),
            very_deep.as_bytes(),
        ];
        for bytes in cases {
            let problem = parse(bytes).expect_err(&String::from_utf8_lossy(bytes));
            assert_eq!(problem.code(), ErrorCode::MalformedJson);
        }
    }

    #[test]
    fn a_malformed_body_is_not_repeated_in_the_answer() {
        let problem = parse(br#"{"password": "hunter2" "#).unwrap_err();
        assert!(!problem.detail().contains("hunter2"), "{}", problem.detail());
    }

    #[test]
    fn nul_is_found_wherever_it_stands() {
        let value = parse(br#"{"a": ["x", "\u0000"], "m": {"b/~\u0000": 1}}"#).unwrap();
        let pointers: Vec<_> = unusable_values(&value).into_iter().map(|problem| problem.pointer).collect();
        assert_eq!(pointers, ["/a/1", "/m"]);
    }

    #[test]
    fn numbers_beyond_64_bits_are_found_and_others_are_not() {
        let value = parse(
            b"[18446744073709551615, -9223372036854775808, 1.5, 18446744073709551616, -9223372036854777856, 1e300]",
        )
        .unwrap();
        let pointers: Vec<_> = unusable_values(&value).into_iter().map(|problem| problem.pointer).collect();
        assert_eq!(pointers, ["/3", "/4", "/5"]);
    }
}
