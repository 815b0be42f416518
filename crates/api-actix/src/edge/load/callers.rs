//! How much of the work in hand is whose: in a table of fixed size, so that nobody can make it grow.
//!
//! A caller is counted in one cell of each of two rows, picked by two halves of a hash under a random key, and has the smaller count of the
//! two: to share both cells with somebody greedy is one chance in a million, and nobody can aim for it.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};

use actix_web::http::header::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const CELLS: usize = 1024;

/// The longest body of an access token that is looked into; ours have some 300 bytes.
const MAX_CLAIMS: usize = 1024;

/// Stands for a caller.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallerKey(u64);

/// Who calls, as far as can be told without believing anything: the subject of the token that is shown where tokens are read, true
/// or not, else what `network` says. A token that is not true is refused before it makes any work, so naming others gains nothing.
pub(crate) fn caller_key(shown: Option<&HeaderValue>, network: impl FnOnce() -> String) -> CallerKey {
    static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let Some(shown) = shown else { return CallerKey(KEYS.hash_one(network())) };
    let mut claims = [0; MAX_CLAIMS];
    let subject = subject(shown.as_bytes(), &mut claims).unwrap_or(shown.as_bytes());
    CallerKey(KEYS.hash_one(subject))
}

/// The subject of a JWT, read without verifying anything.
fn subject<'a>(header: &[u8], claims: &'a mut [u8; MAX_CLAIMS]) -> Option<&'a [u8]> {
    const MEMBER: &[u8] = b"\"sub\":\"";
    let body = header.split(|byte| *byte == b'.').nth(1)?;
    let length = URL_SAFE_NO_PAD.decode_slice(body, claims).ok()?;
    let claims = claims.get(..length)?;
    let start = claims.windows(MEMBER.len()).position(|window| window == MEMBER)? + MEMBER.len();
    claims.get(start..)?.split(|byte| *byte == b'"').next()
}

/// How many requests of each caller are in work, among those that came while there was much to do.
pub(super) struct Callers {
    rows: [Vec<AtomicU32>; 2],
    /// How many cells of the first row are not empty: about as many as there are callers.
    present: AtomicUsize,
}

/// Where a request is counted.
pub(super) struct Place([usize; 2]);

impl Place {
    fn of(CallerKey(key): CallerKey) -> Self {
        let cell = |half: u64| usize::try_from(half).unwrap_or_default() % CELLS;
        Self([cell(key & 0xffff_ffff), cell(key >> 32)])
    }
}

impl Callers {
    pub(super) fn new() -> Self {
        let row = || (0..CELLS).map(|_| AtomicU32::new(0)).collect();
        Self { rows: [row(), row()], present: AtomicUsize::new(0) }
    }

    /// Counts one more request of this caller.
    pub(super) fn enter(&self, caller: CallerKey) -> Place {
        let place = Place::of(caller);
        self.count(&place);
        place
    }

    /// Counts one more in a place that is known.
    pub(super) fn count(&self, place: &Place) {
        let mut counts = self.cells(place).map(|cell| cell.fetch_add(1, Relaxed));
        if counts.next() == Some(0) {
            self.present.fetch_add(1, Relaxed);
        }
        counts.for_each(drop);
    }

    /// Counts one less.
    pub(super) fn leave(&self, place: &Place) {
        let mut counts = self.cells(place).map(|cell| cell.fetch_sub(1, Relaxed));
        if counts.next() == Some(1) {
            self.present.fetch_sub(1, Relaxed);
        }
        counts.for_each(drop);
    }

    /// Whether a caller has as much in work as each would have if all who are there and one more shared `limit`.
    pub(super) fn has_its_share(&self, caller: CallerKey, limit: usize) -> bool {
        let share = (limit / (self.present.load(Relaxed) + 1)).max(1);
        let count = self.cells(&Place::of(caller)).map(|cell| cell.load(Relaxed)).min().unwrap_or_default();
        usize::try_from(count).is_ok_and(|count| count >= share)
    }

    fn cells(&self, place: &Place) -> impl Iterator<Item = &AtomicU32> {
        self.rows.iter().zip(place.0).filter_map(|(row, cell)| row.get(cell))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(authorization: Option<String>, network: &str) -> u64 {
        let shown = authorization.map(|line| HeaderValue::try_from(line).unwrap());
        caller_key(shown.as_ref(), || network.to_owned()).0
    }

    fn token(claims: &str) -> String {
        format!("Bearer eyJ.{}.signature", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_caller_is_known_by_the_subject_of_the_token_or_by_the_network() {
        let ann = key(Some(token(r#"{"iss":"x","sub":"ann","sid":"1"}"#)), "192.0.2.1");
        assert_eq!(ann, key(Some(token(r#"{"iss":"x","sub":"ann","sid":"2"}"#)), "192.0.2.2"), "of two sessions");
        assert_ne!(ann, key(Some(token(r#"{"iss":"x","sub":"bob","sid":"1"}"#)), "192.0.2.1"));
        assert_eq!(key(None, "192.0.2.1"), key(None, "192.0.2.1"));
        assert_ne!(key(None, "192.0.2.1"), key(None, "192.0.2.2"));
    }

    #[test]
    fn what_is_no_token_of_ours_is_taken_as_it_is() {
        let long = "x".repeat(5_000);
        for (one, other) in [("Bearer a", "Bearer b"), ("Bearer a.b.c", "Bearer a.b.d"), (&long, "Bearer ")] {
            assert_ne!(key(Some(one.into()), "here"), key(Some(other.into()), "here"), "{one}");
            assert_eq!(key(Some(one.into()), "here"), key(Some(one.into()), "there"), "{one}");
        }
    }

    #[test]
    fn whoever_leaves_is_gone() {
        let callers = Callers::new();
        let (ann, bob) = (CallerKey(1), CallerKey(2 << 32 | 2));
        let places: Vec<_> = (0..6).map(|_| callers.enter(ann)).collect();
        assert!(callers.has_its_share(ann, 12), "half of it, as somebody may come");
        assert!(!callers.has_its_share(bob, 12));
        for place in &places {
            callers.leave(place);
        }
        assert!(!callers.has_its_share(ann, 2));
        assert_eq!(callers.present.load(Relaxed), 0);
    }
}
