//! `name=value&name=value`, in query strings and in forms, read strictly.

use percent_encoding::percent_decode_str;

use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// The decoded names and values of `text`, in order; `what` it is stands in the sentence about what is wrong with it.
///
/// # Errors
///
/// [`ErrorCode::MalformedRequest`] for broken percent-encoding, what does not decode to UTF-8, and NUL.
pub(crate) fn pairs(text: &str, what: &str) -> Result<Vec<(String, String)>, Problem> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name, what)?, decode(value, what)?))
        })
        .collect()
}

/// One name or value; `+` is a space.
fn decode(text: &str, what: &str) -> Result<String, Problem> {
    let refused = |why: &str| Problem::new(ErrorCode::MalformedRequest, format!("The {what} {why}"));
    if !has_whole_escapes(text.as_bytes()) {
        return Err(refused("holds an incomplete percent-encoding"));
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map_err(|_| refused("does not decode to UTF-8"))?;
    if decoded.contains('\0') {
        return Err(refused("holds the character NUL"));
    }
    Ok(decoded.into_owned())
}

fn has_whole_escapes(mut bytes: &[u8]) -> bool {
    while let Some(at) = bytes.iter().position(|byte| *byte == b'%') {
        match bytes.get(at + 1..at + 3) {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => bytes = bytes.get(at + 3..).unwrap_or_default(),
            _ => return false,
        }
    }
    true
}
