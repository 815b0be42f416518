//! Compares a password with a stored hash of any kind, and makes mismatches cost alike.
//!
//! Somebody who guesses must not learn from the time whether a name exists or how old its hash is. So what does not fit
//! costs what one new hash costs (of the configured cost, below "a hash"), for each spelling of the password that is tried:
//!
//! | stored | a mismatch costs |
//! |---|---|
//! | nobody's, unusable, unreadable or beyond the limits | a hash, exactly |
//! | bcrypt of the configured cost | a hash, exactly |
//! | bcrypt of a lower cost | a hash, exactly, as rounds are filled up |
//! | another algorithm, quicker than a hash | a hash by the thread's own time, to about a sixteenth |
//! | another algorithm that takes longer, bcrypt of a higher cost | more: what it takes (and a sixteenth of a hash if imported) |
//!
//! "Exactly" is in rounds of bcrypt; the digests around it take microseconds. The last line remains visible until its owner
//! has signed in once, or the configured cost is raised. What fits is not filled up: who has the password may know.

use std::time::Duration;

use domain::ports::PasswordMatch;
use domain::values::PlainPassword;

use crate::bcrypt_hash;
use crate::imported::ImportedHash;
use crate::stored_hash::{COSTS, StoredHash};
use crate::thread_time::thread_time;

/// Work is filled up in parts of this power of two of a hash.
const PARTS_LOG: u32 = 4;

/// Whether `password` fits `stored`, where new hashes have the cost `rounds`.
pub(crate) fn verify(password: &PlainPassword, stored: &str, rounds: u32) -> PasswordMatch {
    if let Some(hash) = StoredHash::parse(stored) {
        verify_bcrypt(password, &hash, stored, rounds)
    } else if let Some(hash) = ImportedHash::parse(stored) {
        verify_imported(password, &hash, rounds)
    } else {
        verify_nobody(password, rounds);
        PasswordMatch::No
    }
}

/// Whether a password could ever fit `text`: it has one of the forms that are read, within their limits. An import asks,
/// as an account with any other text is one that nobody can enter.
pub fn is_readable_hash(text: &str) -> bool {
    StoredHash::parse(text).is_some() || ImportedHash::parse(text).is_some()
}

/// Does the work of a mismatch.
pub(crate) fn verify_nobody(password: &PlainPassword, rounds: u32) {
    spellings(password).for_each(|spelling| bcrypt_hash::spend(spelling, rounds));
}

/// What is tried: the form that we hash and, where it is another, the one that was typed. Systems whose hashes are imported
/// hashed that; a form that is not NFKC never fits ours.
fn spellings(password: &PlainPassword) -> impl Iterator<Item = &str> {
    let [normalized, typed] = [password.expose_normalized(), password.expose_typed()];
    [Some(normalized), (typed != normalized).then_some(typed)].into_iter().flatten()
}

fn verify_bcrypt(password: &PlainPassword, hash: &StoredHash, text: &str, rounds: u32) -> PasswordMatch {
    for (number, spelling) in spellings(password).enumerate() {
        if bcrypt_hash::fits(spelling, hash) {
            let is_normalized = number == 0;
            let is_of_today = is_normalized && hash.is_of_today(text, rounds);
            return if is_of_today { PasswordMatch::Yes } else { PasswordMatch::Outdated };
        }
    }
    for spelling in spellings(password) {
        // 2^c + 2^c + 2^(c+1) + … + 2^(r-1) = 2^r
        (hash.cost..rounds).for_each(|cost| bcrypt_hash::spend(spelling, cost));
    }
    PasswordMatch::No
}

fn verify_imported(password: &PlainPassword, hash: &ImportedHash, rounds: u32) -> PasswordMatch {
    let started = thread_time();
    if spellings(password).any(|spelling| hash.fits(spelling)) {
        return PasswordMatch::Outdated;
    }
    let spent = thread_time().saturating_sub(started);
    let part_cost = rounds.saturating_sub(PARTS_LOG).max(*COSTS.start());
    let parts_each = 2_u32.pow(rounds.saturating_sub(part_cost));
    let parts = spellings(password).map(|_| parts_each).sum();
    fill_up(spent, parts, || {
        let started = thread_time();
        bcrypt_hash::spend(password.expose_normalized(), part_cost);
        thread_time().saturating_sub(started)
    });
    PasswordMatch::No
}

/// Does parts, at least one, until with what was `spent` before as much time has gone as all of them take.
fn fill_up(spent: Duration, parts: u32, mut part: impl FnMut() -> Duration) {
    let mut filled = Duration::ZERO;
    for done in 1..=parts {
        filled += part();
        // All take `filled / done * parts`, as far as is known by now.
        if (spent + filled).saturating_mul(done) >= filled.saturating_mul(parts) {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
