//! JSON read strictly: what two readers could understand differently is refused.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::malformed::{self, Refusal};
use super::{integers, unusable};
use crate::problem::Problem;

/// How deep arrays and objects may nest.
pub(super) const MAX_DEPTH: usize = 32;

/// Parses JSON.
///
/// Integers beyond 64 bits are [marked](super::unusable) as what they are: whether that matters depends on where they
/// stand.
///
/// # Errors
///
/// [`ErrorCode::MalformedJson`](crate::error_code::ErrorCode::MalformedJson) for anything that is not JSON in UTF-8, for
/// repeated members, for more than [`MAX_DEPTH`] levels, and for numbers no JSON reader can hold (`1e400`).
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let text = malformed::text(bytes)?;
    let reading =
        Reading { beyond_64_bits: integers::beyond_64_bits(text), numbers: Cell::new(0), refusal: RefCell::new(None) };
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict { reading: &reading, depth: MAX_DEPTH }.deserialize(&mut reader);
    value
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| malformed::problem(&error, reading.refusal.take()))
}

/// What is known about the whole text.
struct Reading {
    beyond_64_bits: Vec<usize>,
    /// How many numbers were read.
    numbers: Cell<usize>,
    /// Why we ended the reading, if it was us.
    refusal: RefCell<Option<Refusal>>,
}

/// Builds a value and counts its levels.
#[derive(Clone, Copy)]
struct Strict<'a> {
    reading: &'a Reading,
    depth: usize,
}

impl Strict<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(self.refuse(Refusal::TooDeep)),
        }
    }

    fn refuse<E: Error>(self, refusal: Refusal) -> E {
        self.reading.refusal.replace(Some(refusal));
        E::custom("refused")
    }

    /// The next number of the text.
    fn number(self, value: impl Into<Value>) -> Value {
        let place = self.reading.numbers.replace(self.reading.numbers.get() + 1);
        match self.reading.beyond_64_bits.binary_search(&place) {
            Ok(_) => unusable::integer_beyond_64_bits(),
            Err(_) => value.into(),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
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
        Ok(self.number(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(self.number(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(self.number(value))
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
                return Err(self.refuse(Refusal::Twice(name)));
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
    use crate::error_code::ErrorCode;

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
    fn the_answer_says_what_is_wrong_and_where() {
        let long = "x".repeat(100);
        for (body, detail) in [
            (&b"{\"a\":1,}"[..], "The body is not valid JSON at line 1, column 8"),
            (b"{\n  nope", "The body is not valid JSON at line 2, column 3"),
            (b"{\"a\":", "The body ends before its JSON does at line 1, column 5"),
            (b"{} x", "There is something behind the end of the JSON at line 1, column 4"),
            (b"\n\"\xff\"", "The body is not UTF-8 at line 2, column 2"),
            (b"\xef\xbb\xbf{}", "The body begins with a byte order mark"),
            (b"\"\\ud800\"", "A text holds half of a surrogate pair at line 1, column 8"),
            (b"\"\\udc00\"", "A text holds half of a surrogate pair at line 1, column 7"),
            (b"\"a\nb\"", "A text holds a control character that is not escaped at line 2, column 0"),
            (b"{\"a\":1,\"\\u0061\":2}", "The member `a` stands twice in one object at line 1, column 15"),
            (b"[1e400]", "A number is too large for readers of JSON at line 1, column 6"),
            (nested(33).as_bytes(), "The body nests deeper than 32 levels at line 1, column 34"),
            (
                format!("{{\"{long}\":1,\"{long}\":2}}").as_bytes(),
                &format!("The member `{}` stands twice in one object at line 1, column 208", &long[..64]),
            ),
        ] {
            assert_eq!(parse(body).unwrap_err().detail(), detail);
        }
    }

    #[test]
    fn integers_beyond_64_bits_are_marked_and_other_numbers_are_not() {
        let value =
            parse(b"{\"b\": [1e19, -0.0, 1], \"a\": 18446744073709551616, \"c\": -9223372036854775809}").unwrap();
        assert_eq!(value["b"], serde_json::json!([1e19, -0.0, 1]));
        let pointers: Vec<_> = unusable::find(&value).into_iter().map(|problem| problem.pointer).collect();
        assert_eq!(pointers, ["/a", "/c"]);
    }
}
