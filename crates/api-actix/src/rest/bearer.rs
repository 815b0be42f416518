//! The access token of a request: in the header `Authorization` and nowhere else (RFC 6750 §2.1), since addresses end up in
//! logs and histories.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// The token, if there is the header. Whether it is written like a token is not looked at: what is not, nobody signed.
///
/// # Errors
///
/// [`ErrorCode::Unauthenticated`] if the header stands there twice, or holds anything but a bearer token: the caller meant to
/// be somebody, and shall not be taken for anybody.
pub(super) fn token(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut lines = headers.get_all(AUTHORIZATION);
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(refused("There may be one Authorization header only"));
    }
    let parts = line.to_str().ok().and_then(|text| text.split_once(' '));
    let token = parts.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    match token {
        Some(token) if !token.is_empty() => Ok(Some(token)),
        _ => Err(refused("The Authorization header must be `Bearer`, a space and an access token")),
    }
}

fn refused(detail: &'static str) -> Problem {
    Problem::new(ErrorCode::Unauthenticated, detail)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn found(lines: &[&[u8]]) -> Result<Option<String>, ErrorCode> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(line).unwrap());
        }
        token(&headers).map(|token| token.map(ToOwned::to_owned)).map_err(|problem| problem.code())
    }

    #[test]
    fn a_bearer_token_is_found_whatever_the_case_of_the_scheme() {
        assert_eq!(found(&[]), Ok(None));
        for line in ["Bearer a.b-c_~+/=", "bearer a.b-c_~+/=", "BEARER   a.b-c_~+/="] {
            assert_eq!(found(&[line.as_bytes()]), Ok(Some("a.b-c_~+/=".into())), "{line}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for line in ["", "Bearer", "Bearer ", "Basic Og==", "abc", "Bearerabc", "Bearer\tabc", "Basic Bearer abc"] {
            assert_eq!(found(&[line.as_bytes()]), Err(ErrorCode::Unauthenticated), "{line:?}");
        }
        assert_eq!(found(&[b"Bearer \xff"]), Err(ErrorCode::Unauthenticated));
        assert_eq!(found(&[b"Bearer a", b"Bearer a"]), Err(ErrorCode::Unauthenticated));
    }
}
