//! The ports [`PasswordHasher`] and [`PasswordStrength`] on the low-priority pool.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::ports::{HashPasswordError, PasswordHasher, PasswordMatch, PasswordStrength, Strength};
use domain::values::{PasswordHash, PlainPassword};

use crate::job_queue::{JobTimes, Kind};
use crate::pool::{LowPriorityPool, PoolError};
use crate::stored_hash::{COSTS, SALT_BYTES};
use crate::{bcrypt_hash, strength, verification};

/// How long zxcvbn takes, usually. The next passwords tell.
const ASSESSMENT: Duration = Duration::from_millis(5);

/// How passwords are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BcryptSettings {
    /// bcrypt's cost for new hashes, 4 to 16: 2 to this power is the number of its rounds.
    pub rounds: u32,
    /// Threads that hash, at least 1; more than there are cores gains nothing.
    pub threads: usize,
}

/// Hashes passwords with bcrypt on threads of their own, at low priority and behind a bounded queue.
///
/// New hashes are plain `$2b$` for passwords up to 72 bytes and passlib's `bcrypt_sha256` version 2 beyond. These verify:
///
/// - bcrypt as `$2a$`, `$2b$` and `$2y$`, both versions of passlib's `bcrypt_sha256`, and Django's `bcrypt$` and
///   `bcrypt_sha256$`, up to cost 16;
/// - Argon2 (id, i and d) in PHC strings and after Django's `argon2`, up to 256 MiB and 16 passes over as much;
/// - scrypt as passlib and Django write it, up to 256 MiB and 4 times over as much;
/// - PBKDF2 as passlib (SHA-1, SHA-256, SHA-512) and Django (SHA-1, SHA-256) write it, up to 10 million iterations.
///
/// Beyond these limits a hash fits nobody, as a planted one must not take a thread or the memory. What fits is outdated
/// unless it is bcrypt as it is made here, of the configured cost or a higher one, and of the normal form of the password.
/// A mismatch costs at least the work of one new hash for each spelling that is tried (the normal form, and what was typed
/// where that is another), and a name that nobody has costs just that.
///
/// As [`PasswordStrength`] it asks zxcvbn about the first 40 characters.
///
/// Sign-ins, new hashes and assessments queue apart and take turns. In each queue at most 64 jobs wait, or as many as are
/// expected to be done within 2 seconds where that is more. A job whose caller has gone is skipped. Dropping the hasher
/// ends its threads.
pub struct BcryptHasher {
    rounds: u32,
    pool: LowPriorityPool,
}

/// Why there is no [`BcryptHasher`].
#[derive(Debug, thiserror::Error)]
pub enum StartHasherError {
    /// The cost is not in 4 to 16.
    #[error("bcrypt cost {0} is not in 4 to 16")]
    RoundsOutOfRange(u32),
    /// No thread would ever hash.
    #[error("hashing needs at least one thread")]
    NoThreads,
    /// The system gave no thread.
    #[error("hashing threads could not be started")]
    Spawn(#[source] io::Error),
}

impl BcryptHasher {
    /// Starts the threads. Takes a millisecond or so, to see how fast this machine hashes.
    ///
    /// # Errors
    ///
    /// - [`StartHasherError::RoundsOutOfRange`] and [`StartHasherError::NoThreads`] for settings that cannot be used.
    /// - [`StartHasherError::Spawn`] if the system refuses a thread.
    pub fn new(settings: BcryptSettings) -> Result<Self, StartHasherError> {
        let BcryptSettings { rounds, threads } = settings;
        if !COSTS.contains(&rounds) {
            return Err(StartHasherError::RoundsOutOfRange(rounds));
        }
        if threads == 0 {
            return Err(StartHasherError::NoThreads);
        }
        let hash = estimate(rounds);
        let job_times = JobTimes { verify: hash, hash, assess: ASSESSMENT };
        let pool = LowPriorityPool::start("hash", threads, job_times).map_err(StartHasherError::Spawn)?;
        Ok(Self { rounds, pool })
    }

    /// How many passwords wait for a thread.
    pub fn queued(&self) -> usize {
        self.pool.queued()
    }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn hash(&self, password: PlainPassword) -> Result<PasswordHash, HashPasswordError> {
        let rounds = self.rounds;
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|error| HashPasswordError::Failed(Box::new(error)))?;
        let make = move || bcrypt_hash::make(password.expose_normalized(), rounds, salt);
        self.pool.run(Kind::Hash, make).await.map(PasswordHash::from_stored).map_err(port_error)
    }

    async fn verify(&self, password: PlainPassword, hash: PasswordHash) -> Result<PasswordMatch, HashPasswordError> {
        let rounds = self.rounds;
        let verify = move || verification::verify(&password, hash.expose(), rounds);
        self.pool.run(Kind::Verify, verify).await.map_err(port_error)
    }

    async fn verify_nobody(&self, password: PlainPassword) -> Result<(), HashPasswordError> {
        let rounds = self.rounds;
        let verify = move || verification::verify_nobody(&password, rounds);
        self.pool.run(Kind::Verify, verify).await.map_err(port_error)
    }
}

#[async_trait]
impl PasswordStrength for BcryptHasher {
    async fn assess(&self, password: PlainPassword, about: Vec<String>) -> Result<Strength, HashPasswordError> {
        let assess = move || strength::assess(password.expose_normalized(), &about);
        self.pool.run(Kind::Assess, assess).await.map_err(port_error)
    }
}

impl fmt::Debug for BcryptHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BcryptHasher").field("rounds", &self.rounds).finish_non_exhaustive()
    }
}

fn port_error(error: PoolError) -> HashPasswordError {
    match error {
        PoolError::Full { retry_after } => HashPasswordError::Overloaded { retry_after },
        PoolError::Lost => HashPasswordError::Failed(Box::new(error)),
    }
}

/// How long a hash of cost `rounds` will take, from one of the cheapest: each step of cost doubles the work, and a real
/// one would hold the start up by a quarter of a second.
fn estimate(rounds: u32) -> Duration {
    let cheapest = *COSTS.start();
    let started = Instant::now();
    let _ = bcrypt_hash::make("how fast is this machine", cheapest, [0; SALT_BYTES]);
    started.elapsed() * 2_u32.pow(rounds - cheapest)
}

#[cfg(test)]
mod tests {
    use domain::values::PasswordPolicy;
    use rstest::rstest;

    use super::*;

    fn hasher() -> BcryptHasher {
        BcryptHasher::new(BcryptSettings { rounds: 4, threads: 1 }).unwrap()
    }

    fn password(text: &str) -> PlainPassword {
        PlainPassword::parse(text, &PasswordPolicy::default()).unwrap()
    }

    #[rstest]
    #[case::short("correct horse", "$2b$04$")]
    #[case::long(&"🔐".repeat(100), "$bcrypt-sha256$v=2,t=2b,r=4$")]
    #[tokio::test]
    async fn a_password_fits_its_hash_and_another_does_not(#[case] text: &str, #[case] prefix: &str) {
        let hasher = hasher();
        let hash = hasher.hash(password(text)).await.unwrap();

        assert!(hash.expose().starts_with(prefix));
        assert!(hasher.verify(password(text), hash.clone()).await.unwrap() == PasswordMatch::Yes);
        assert!(!hasher.verify(password("wrong horse"), hash).await.unwrap().fits());
    }

    #[tokio::test]
    async fn the_same_password_gets_another_salt_each_time() {
        let hasher = hasher();
        let [one, another] = [hasher.hash(password("correct horse")), hasher.hash(password("correct horse"))];

        assert_ne!(one.await.unwrap(), another.await.unwrap());
    }

    #[tokio::test]
    async fn what_is_hashed_is_the_normal_form() {
        let hasher = hasher();
        let hash = hasher.hash(password("cafe\u{301} au lait")).await.unwrap();

        assert_eq!(hasher.verify(password("café au lait"), hash).await.unwrap(), PasswordMatch::Yes);
    }

    #[tokio::test]
    async fn an_old_hash_fits_and_is_outdated() {
        let old = PasswordHash::from_stored("$pbkdf2$1$8PHy8/T19vf4.fr7/P3./w$fXhbn5gMjjGxMKtQ8oq0q1q8PnI".to_owned());

        let fits = hasher().verify(password("correct horse battery staple"), old).await.unwrap();

        assert_eq!(fits, PasswordMatch::Outdated);
    }

    #[tokio::test]
    async fn a_name_that_nobody_has_is_verified_on_the_pool() {
        let hasher = hasher();
        let lost = BcryptHasher { rounds: 99, ..self::hasher() };

        assert!(hasher.verify_nobody(password("correct horse")).await.is_ok());
        // No bcrypt goes that far: that it fails shows that something was done.
        assert!(matches!(lost.verify_nobody(password("correct horse")).await, Err(HashPasswordError::Failed(_))));
    }

    #[tokio::test]
    async fn a_password_is_assessed_on_the_pool() {
        let strength = hasher().assess(password("Annabel-Lee"), vec!["annabel lee".to_owned()]).await.unwrap();

        assert!(strength.score <= 2 && !strength.advice.is_empty(), "{strength:?}");
    }

    #[test]
    fn a_full_queue_is_an_overload() {
        let full = port_error(PoolError::Full { retry_after: Duration::from_secs(8) });

        assert!(matches!(full, HashPasswordError::Overloaded { retry_after } if retry_after.as_secs() == 8));
    }

    #[rstest]
    #[case::too_cheap(3, 1, "bcrypt cost 3 is not in 4 to 16")]
    #[case::too_dear(17, 1, "bcrypt cost 17 is not in 4 to 16")]
    #[case::no_threads(4, 0, "hashing needs at least one thread")]
    fn settings_that_cannot_be_used_are_refused(#[case] rounds: u32, #[case] threads: usize, #[case] why: &str) {
        assert_eq!(BcryptHasher::new(BcryptSettings { rounds, threads }).unwrap_err().to_string(), why);
    }
}
