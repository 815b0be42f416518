//! Metadata as they are written in files, read as strictly as those in the body of a request.

use std::cell::Cell;
use std::fmt;

use domain::values::Metadata;
use domain::violation::Violation;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// How deep a body nests at most is 32, and metadata are members of one.
const MAX_DEPTH: u8 = 31;

/// Beyond, a double may stand for an integer that it cannot hold.
const FIRST_BEYOND_64_BITS: f64 = 9_223_372_036_854_775_808.0;

/// Reads the text of an object.
///
/// # Errors
///
/// `wrong_type` if it is JSON and no object, `malformed_json` if it is not JSON, repeats a member or nests too deep,
/// `control_character` for NUL, `number_too_large` for integers beyond 64 bits, and those of [`Metadata`].
pub(crate) fn read(json: &str) -> Result<Metadata, Violation> {
    if json == "{}" {
        return Ok(Metadata::empty());
    }
    let reading = Reading::default();
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = Strict { reading: &reading, depth: MAX_DEPTH }.deserialize(&mut reader);
    let value = value.and_then(|value| reader.end().map(|()| value)).map_err(|_| malformed(&reading))?;
    if !value.is_object() {
        return Err(Violation::new("wrong_type", "It must be a JSON object"));
    }
    if reading.has_nul.get() {
        return Err(Violation::new("control_character", "A text cannot hold the character NUL"));
    }
    if reading.may_exceed_64_bits.get() && has_integer_beyond_64_bits(json) {
        return Err(Violation::new("number_too_large", "The number does not fit into 64 bits"));
    }
    Metadata::from_json_object(value.to_string())
}

fn malformed(reading: &Reading) -> Violation {
    let detail = match reading.refusal.get() {
        Some(Refusal::Twice) => "A member stands twice in one object",
        Some(Refusal::TooDeep) => "It nests deeper than 31 levels",
        None => "It is not valid JSON",
    };
    Violation::new("malformed_json", detail)
}

/// Texts are passed by, as digits in them are no numbers.
fn has_integer_beyond_64_bits(json: &str) -> bool {
    let mut rest = json;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        rest = rest.get(at..).unwrap_or_default();
        if rest.starts_with('"') {
            rest = behind_string(rest);
            continue;
        }
        let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let (number, behind) = rest.split_at(rest.find(|c| !is_of_number(c)).unwrap_or(rest.len()));
        let is_integer = !number.contains(['.', 'e', 'E']);
        if is_integer && number.parse::<i64>().is_err() && number.parse::<u64>().is_err() {
            return true;
        }
        rest = behind;
    }
    false
}

fn behind_string(text: &str) -> &str {
    let mut is_escaped = false;
    let closing = text.char_indices().skip(1).find(|(_, c)| {
        let is_closing = *c == '"' && !is_escaped;
        is_escaped = *c == '\\' && !is_escaped;
        is_closing
    });
    closing.and_then(|(at, _)| text.get(at + 1..)).unwrap_or_default()
}

/// What was seen on the way.
#[derive(Default)]
struct Reading {
    has_nul: Cell<bool>,
    may_exceed_64_bits: Cell<bool>,
    refusal: Cell<Option<Refusal>>,
}

#[derive(Clone, Copy)]
enum Refusal {
    Twice,
    TooDeep,
}

/// Builds a value and counts its levels.
#[derive(Clone, Copy)]
struct Strict<'a> {
    reading: &'a Reading,
    depth: u8,
}

impl Strict<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(self.refuse(Refusal::TooDeep)),
        }
    }

    fn refuse<E: Error>(self, refusal: Refusal) -> E {
        self.reading.refusal.set(Some(refusal));
        E::custom("refused")
    }

    fn look_at(self, text: &str) {
        if text.contains('\0') {
            self.reading.has_nul.set(true);
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
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        if value.abs() >= FIRST_BEYOND_64_BITS {
            self.reading.may_exceed_64_bits.set(true);
        }
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        self.look_at(value);
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
                return Err(self.refuse(Refusal::Twice));
            }
            self.look_at(&name);
            let value = members.next_value_seed(deeper)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("{}", "{}")]
    #[case(" { } ", "{}")]
    #[case(" {\"b\" : [1, {\"c\": null}], \"a\": \"ü\\u00e9\"} ", r#"{"a":"üé","b":[1,{"c":null}]}"#)]
    #[case(
        r#"{"n":[18446744073709551615,-9223372036854775808,1e300,"99999999999999999999\""]}"#,
        r#"{"n":[18446744073709551615,-9223372036854775808,1e+300,"99999999999999999999\""]}"#
    )]
    fn an_object_comes_back_in_its_compact_form(#[case] json: &str, #[case] compact: &str) {
        assert_eq!(read(json).unwrap().as_json(), compact);
        assert_eq!(read(compact).unwrap().as_json(), compact);
    }

    #[rstest]
    #[case("{", "malformed_json")]
    #[case("{} {}", "malformed_json")]
    #[case("{'a':1}", "malformed_json")]
    #[case("", "malformed_json")]
    #[case(r#"{"a":1,"\u0061":2}"#, "malformed_json")]
    #[case(&format!("{{\"a\":{}{}}}", "[".repeat(31), "]".repeat(31)), "malformed_json")]
    #[case("[]", "wrong_type")]
    #[case("null", "wrong_type")]
    #[case(r#"{"a":["\u0000"]}"#, "control_character")]
    #[case(r#"{"a\u0000":1}"#, "control_character")]
    #[case(r#"{"a":18446744073709551616}"#, "number_too_large")]
    #[case(r#"{"x":"\\","a":-9223372036854775809}"#, "number_too_large")]
    #[case(&format!("{{\"a\":\"{}\"}}", "x".repeat(16 * 1024)), "too_large")]
    fn what_a_request_could_not_hold_is_refused(#[case] json: &str, #[case] code: &str) {
        assert_eq!(read(json).unwrap_err().code(), code);
    }

    #[test]
    fn thirty_one_levels_are_the_most() {
        assert!(read(&format!("{{\"a\":{}{}}}", "[".repeat(30), "]".repeat(30))).is_ok());
    }
}
