//! URLs as they may be shown.

use url::Url;

/// The URL with `[redacted]` in the place of its password.
pub(super) fn without_password(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else {
        return "[redacted]".to_owned();
    };
    if url.password().is_none() || url.set_password(None).is_err() {
        return url.to_string();
    }
    if url.username().is_empty() {
        return url.as_str().replacen("://", "://:[redacted]@", 1);
    }
    // In a user name `@` is escaped, so the first one ends it.
    url.as_str().replacen('@', ":[redacted]@", 1)
}
