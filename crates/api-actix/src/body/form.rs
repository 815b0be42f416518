//! Forms as clients of OAuth 2 send them (RFC 6749, appendix B).

use serde_json::{Map, Value};

use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::urlencoded;

/// The fields of a form, each a string. One without a value counts as left out (RFC 6749 §3.2).
///
/// # Errors
///
/// [`ErrorCode::MalformedRequest`] if it cannot be decoded, or a field stands in it twice.
pub(super) fn parse(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    let refused = |detail: &str| Problem::new(ErrorCode::MalformedRequest, detail.to_owned());
    let text = std::str::from_utf8(bytes).map_err(|_| refused("The form is not UTF-8"))?;
    let mut fields = Map::new();
    for (name, value) in urlencoded::pairs(text, "form")? {
        if fields.insert(name, Value::String(value)).is_some() {
            return Err(refused("A field stands in the form twice"));
        }
    }
    fields.retain(|_, value| value.as_str() != Some(""));
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_decoded_and_empty_ones_left_out() {
        let form = parse(b"username=ann%40example.com&password=a+b%2B%26&scope=&client_id").unwrap();
        assert_eq!(Value::Object(form), json!({"username": "ann@example.com", "password": "a b+&"}));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for text in [&b"a=1&a=2"[..], b"a=1&%61=2", b"a=%ff", b"a=%00", b"a=%4", b"a=\xff", b"a=1&a="] {
            assert_eq!(parse(text).unwrap_err().code(), ErrorCode::MalformedRequest, "{text:?}");
        }
    }
}
