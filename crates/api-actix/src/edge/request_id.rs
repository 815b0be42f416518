//! The id under which a request is spoken of: the caller's, or a new one.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

/// `X-Request-Id`.
pub(crate) static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id taken from a caller.
const MAX_LENGTH: usize = 128;

/// The id of a request: 1 to 128 of `[A-Za-z0-9._-]`, so that it can stand in headers, logs and JSON as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id that the caller gave, if it gave exactly one and it can be used; else a new one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all(&X_REQUEST_ID);
        match (given.next(), given.next()) {
            (Some(id), None) if is_usable(id.as_bytes()) => Self(id.clone()),
            _ => Self::next(),
        }
    }

    /// A new id: 12 random digits for this process, then a count. Asking the kernel for randomness each time would cost
    /// as much as the rest of the edge.
    pub(crate) fn next() -> Self {
        static PROCESS: LazyLock<u64> = LazyLock::new(random_prefix);
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let count = COUNT.fetch_add(1, Ordering::Relaxed) & 0xffff_ffff;
        let digits = hex::<12>(*PROCESS).into_iter().chain(hex::<8>(count)).collect::<Vec<u8>>();
        Self(HeaderValue::from_maybe_shared(digits).expect("hexadecimal digits are a header value"))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().expect("only visible ASCII becomes a request id")
    }

    /// The id as the value of `X-Request-Id`.
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

fn is_usable(id: &[u8]) -> bool {
    (1..=MAX_LENGTH).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

fn random_prefix() -> u64 {
    // Ids are for finding log lines, not for keeping secrets: without randomness the address of this process will do.
    getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id())) & 0xffff_ffff_ffff
}

/// The last `N` hexadecimal digits of `value`.
fn hex<const N: usize>(value: u64) -> [u8; N] {
    let mut digits = [b'0'; N];
    let mut rest = value;
    for digit in digits.iter_mut().rev() {
        let nibble = u8::try_from(rest & 0xf).unwrap_or_default();
        *digit = if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
        rest >>= 4;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(ids: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for id in ids {
            headers.append(X_REQUEST_ID.clone(), HeaderValue::from_static(id));
        }
        headers
    }

    #[test]
    fn a_usable_id_of_the_caller_is_taken_over() {
        assert_eq!(RequestId::of(&headers(&["Abc-1._2"])).as_str(), "Abc-1._2");
    }

    #[test]
    fn an_unusable_id_is_replaced() {
        for ids in [&["a b"][..], &["a\"b"], &[""], &["one", "two"], &[]] {
            let id = RequestId::of(&headers(ids));
            assert_eq!(id.as_str().len(), 20, "{ids:?}");
            assert!(id.as_str().bytes().all(|b| b.is_ascii_hexdigit()), "{ids:?}");
        }
    }

    #[test]
    fn new_ids_differ() {
        assert_ne!(RequestId::next(), RequestId::next());
    }

    #[test]
    fn digits_are_those_of_the_number() {
        assert_eq!(hex::<8>(0x00ab_cdef), *b"00abcdef");
    }
}
