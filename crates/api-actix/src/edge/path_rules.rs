//! Which paths are taken as they are, which are written differently, and which are refused.
//!
//! Nothing is resolved or merged: `..`, `//` or an encoded slash that a proxy and this service read differently is how
//! access rules are dodged. Only what means the same everywhere is normalised: encoded unreserved characters
//! (RFC 3986 §6.2.2.2) and one trailing slash.

use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// The path to route by: `None` if it is the one given.
///
/// # Errors
///
/// [`ErrorCode::MalformedRequest`] for a path that breaks the rules.
pub(crate) fn normalise(path: &str) -> Result<Option<String>, Problem> {
    if is_plain(path.as_bytes()) { Ok(None) } else { rewrite(path).map(Some) }
}

/// Whether nothing about the path needs a second look. Nearly every request ends here.
fn is_plain(path: &[u8]) -> bool {
    let mut previous = b' ';
    for &byte in path {
        let plain = match byte {
            b'/' | b'.' => previous != b'/',
            b'%' | b'\\' | b';' => false,
            0x21..=0x7e => true,
            _ => false,
        };
        if !plain {
            return false;
        }
        previous = byte;
    }
    path.first() == Some(&b'/') && (previous != b'/' || path.len() == 1)
}

fn rewrite(path: &str) -> Result<String, Problem> {
    if !path.starts_with('/') {
        return Err(refused("must begin with a slash"));
    }
    let mut written = String::with_capacity(path.len());
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let value = escaped(&mut bytes).ok_or_else(|| refused("holds an incomplete percent-encoding"))?;
                decoded.push(value);
                match value {
                    b'/' | b'\\' | b'%' | b';' => {
                        return Err(refused("holds an encoded slash, percent sign or semicolon"));
                    }
                    _ if value.is_ascii_alphanumeric() || b"-._~".contains(&value) => written.push(char::from(value)),
                    _ => written.extend(['%', hex_digit(value >> 4), hex_digit(value & 0xf)]),
                }
            }
            b'\\' | b';' => return Err(refused("holds a backslash or a semicolon")),
            0x21..=0x7e => {
                decoded.push(byte);
                written.push(char::from(byte));
            }
            _ => return Err(refused("holds a character that must be percent-encoded")),
        }
    }
    let text = String::from_utf8(decoded).map_err(|_| refused("does not decode to UTF-8"))?;
    if text.chars().any(char::is_control) {
        return Err(refused("holds a control character"));
    }
    if written.contains("//") || written.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(refused("holds an empty segment, `.` or `..`"));
    }
    if written.len() > 1 && written.ends_with('/') {
        written.pop();
    }
    Ok(written)
}

fn escaped(bytes: &mut impl Iterator<Item = u8>) -> Option<u8> {
    let mut digit = || char::from(bytes.next()?).to_digit(16);
    let (high, low) = (digit()?, digit()?);
    u8::try_from(high * 16 + low).ok()
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase()
}

fn refused(what: &str) -> Problem {
    Problem::new(ErrorCode::MalformedRequest, format!("The path {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_path_is_taken_as_it_is() {
        for path in ["/", "/api/v1/users/42", "/docs/swagger-ui.css", "/a.b~c_d-e:f@g,h+i=j&k"] {
            assert_eq!(normalise(path).unwrap(), None, "{path}");
        }
    }

    #[test]
    fn one_trailing_slash_and_encoded_unreserved_characters_are_written_plainly() {
        for (path, written) in [
            ("/v1/users/", "/v1/users"),
            ("/v1/%75sers", "/v1/users"),
            ("/v1/%7Eann", "/v1/~ann"),
            ("/v1/%c3%a9", "/v1/%C3%A9"),
            ("/v1/.well-known", "/v1/.well-known"),
            ("/%2Fx", ""),
        ] {
            match normalise(path) {
                Ok(Some(path)) => assert_eq!(path, written),
                Ok(None) => panic!("{path} was not looked at"),
                Err(_) => assert_eq!(written, "", "{path} was refused"),
            }
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for path in [
            "//",
            "/v1//users",
            "/v1/users//",
            "/v1/./users",
            "/v1/../users",
            "/v1/%2e%2e/users",
            "/v1/%2E",
            "/v1/..",
            "/v1/a%2fb",
            "/v1/a%5Cb",
            "/v1/a%25b",
            "/v1/a%3bb",
            "/v1/a;b",
            "/v1/a\\b",
            "/v1/%00",
            "/v1/%0a",
            "/v1/%7f",
            "/v1/%c2%80",
            "/v1/%ff",
            "/v1/%c3",
            "/v1/%",
            "/v1/%4",
            "/v1/%zz",
            "/v1/ä",
            "*",
            "",
        ] {
            let problem = normalise(path).expect_err(path);
            assert_eq!(problem.code(), ErrorCode::MalformedRequest, "{path}");
        }
    }
}
