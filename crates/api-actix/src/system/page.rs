//! What every HTML page of the service has.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, HeaderName, HeaderValue, PERMISSIONS_POLICY,
};
use actix_web::{HttpResponse, HttpResponseBuilder};

/// Pages use no camera, no position and nothing else of the kind.
pub(crate) const NO_FEATURES: (HeaderName, HeaderValue) =
    (PERMISSIONS_POLICY, HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"));

/// Nothing but the page's own style.
const POLICY: (HeaderName, HeaderValue) = (
    CONTENT_SECURITY_POLICY,
    HeaderValue::from_static(
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
);

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1.05rem/1.6 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1.25rem}\
h1{font-size:1.5rem;line-height:1.25}code{font-size:.95em}\
dt{font-weight:600;margin-top:1rem}dd{margin:0}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #8886}\
.status{opacity:.7}";

/// A page with a title and a body that is HTML already.
pub(crate) fn render(mut response: HttpResponseBuilder, title: &str, body: &str) -> HttpResponse {
    let title = escape(title);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    );
    response
        .content_type(ContentType::html())
        .insert_header(POLICY)
        .insert_header(NO_FEATURES)
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(html)
}

/// Text as it may stand in HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// Text in which `code` between backquotes is set as code, escaped.
pub(crate) fn with_code(text: &str) -> String {
    let parts = escape(text);
    let marked = parts.split('`').enumerate().map(|(index, part)| {
        // Every second part stands between backquotes.
        if index % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() }
    });
    marked.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(with_code("<b> `a & 'b'`"), "&lt;b&gt; <code>a &amp; &#39;b&#39;</code>");
    }
}
