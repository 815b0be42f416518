//! Which bodies are read at all.

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use mime::Mime;

use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// What an operation takes as its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyKind {
    /// `application/json`.
    Json,
    /// `application/merge-patch+json` (RFC 7396), or `application/json` meaning the same.
    MergePatch,
    /// `application/json`, or a form as OAuth 2 clients send it (`application/x-www-form-urlencoded`).
    JsonOrForm,
}

/// How a body that is read is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// As JSON.
    Json,
    /// As a form.
    Form,
}

/// What PATCH takes, for `Accept-Patch` (RFC 5789 §3.1).
pub(crate) const ACCEPT_PATCH: (HeaderName, HeaderValue) = (
    HeaderName::from_static("accept-patch"),
    HeaderValue::from_static("application/merge-patch+json, application/json"),
);

/// Lets a body pass that is what the operation takes, in UTF-8 and not encoded.
pub(super) fn check(headers: &HeaderMap, kind: BodyKind) -> Result<Format, Problem> {
    format(headers, kind).map_err(|detail| {
        let problem = Problem::new(ErrorCode::UnsupportedMediaType, detail);
        match kind {
            BodyKind::Json | BodyKind::JsonOrForm => problem,
            BodyKind::MergePatch => problem.with_header(ACCEPT_PATCH.0, ACCEPT_PATCH.1),
        }
    })
}

fn format(headers: &HeaderMap, kind: BodyKind) -> Result<Format, &'static str> {
    let encodings = headers.get_all(CONTENT_ENCODING);
    if encodings.into_iter().any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err("A body with a Content-Encoding is not read");
    }
    let mut types = headers.get_all(CONTENT_TYPE);
    let (Some(only), None) = (types.next(), types.next()) else {
        return Err("A body needs exactly one Content-Type, application/json");
    };
    let Some(mime) = only.to_str().ok().and_then(|text| text.parse::<Mime>().ok()) else {
        return Err("The Content-Type cannot be read; it must be application/json");
    };
    let format = match (mime.essence_str(), kind) {
        ("application/json", _) | ("application/merge-patch+json", BodyKind::MergePatch) => Format::Json,
        ("application/x-www-form-urlencoded", BodyKind::JsonOrForm) => Format::Form,
        (_, BodyKind::Json) => return Err("The Content-Type must be application/json"),
        (_, BodyKind::MergePatch) => {
            return Err("The Content-Type must be application/json or application/merge-patch+json");
        }
        (_, BodyKind::JsonOrForm) => {
            return Err("The Content-Type must be application/json or application/x-www-form-urlencoded");
        }
    };
    match mime.get_param(mime::CHARSET) {
        Some(charset) if charset != mime::UTF_8 => Err("The charset must be utf-8"),
        _ => Ok(format),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_where_clients_of_oauth_send_one() {
        let form = [(CONTENT_TYPE, "application/x-www-form-urlencoded")];
        assert!(is_read(BodyKind::JsonOrForm, &form) && !is_read(BodyKind::Json, &form));
        assert!(is_read(BodyKind::JsonOrForm, &[(CONTENT_TYPE, "application/json")]));
        assert!(!is_read(BodyKind::JsonOrForm, &[(CONTENT_TYPE, "application/merge-patch+json")]));
    }

    fn is_read(kind: BodyKind, lines: &[(HeaderName, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name.clone(), HeaderValue::from_static(value));
        }
        check(&headers, kind).is_ok()
    }

    #[test]
    fn json_in_utf_8_is_read() {
        for text in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
            assert!(is_read(BodyKind::Json, &[(CONTENT_TYPE, text)]), "{text}");
        }
        assert!(is_read(BodyKind::MergePatch, &[(CONTENT_TYPE, "application/merge-patch+json")]));
        assert!(is_read(BodyKind::Json, &[(CONTENT_TYPE, "application/json"), (CONTENT_ENCODING, "identity")]));
    }

    #[test]
    fn everything_else_is_not() {
        for text in [
            "text/plain",
            "application/json; charset=utf-16",
            "application/vnd.x+json",
            "json",
            "application/merge-patch+json",
        ] {
            assert!(!is_read(BodyKind::Json, &[(CONTENT_TYPE, text)]), "{text}");
        }
        assert!(!is_read(BodyKind::Json, &[]));
        assert!(!is_read(BodyKind::Json, &[(CONTENT_TYPE, "application/json"), (CONTENT_TYPE, "text/plain")]));
        assert!(!is_read(BodyKind::Json, &[(CONTENT_TYPE, "application/json"), (CONTENT_ENCODING, "gzip")]));
    }
}
