//! The port [`PasswordHasher`] on bcrypt and the low-priority pool.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::ports::{HashPasswordError, PasswordHasher, PasswordMatch};
use domain::values::{PasswordHash, PlainPassword};

use crate::bcrypt_hash;
use crate::pool::{LowPriorityPool, PoolError};
use crate::stored_hash::{COSTS, SALT_BYTES};

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
/// New hashes are plain `$2b$` for passwords up to 72 bytes and passlib's `bcrypt_sha256` version 2 beyond. `$2a$`,
/// `$2b$`, `$2y$` and both versions of `bcrypt_sha256` verify, up to cost 16.
///
/// At most 64 jobs queue, or as many as are expected to be done within 2 seconds where that is more. A job whose caller
/// has gone is skipped. Dropping the hasher ends its threads.
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
        let pool = LowPriorityPool::start("hash", threads, estimate(rounds)).map_err(StartHasherError::Spawn)?;
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
        let hash = self.pool.run(move || bcrypt_hash::make(password.expose_normalized(), rounds, salt)).await;
        hash.map(PasswordHash::from_stored).map_err(port_error)
    }

    async fn verify(&self, password: PlainPassword, hash: PasswordHash) -> Result<PasswordMatch, HashPasswordError> {
        let fits = move || {
            let [normalized, typed] = [password.expose_normalized(), password.expose_typed()];
            // Systems whose hashes are imported hashed what was typed; a form that is not NFKC never fits ours.
            bcrypt_hash::fits(normalized, hash.expose())
                || (typed != normalized && bcrypt_hash::fits(typed, hash.expose()))
        };
        let fits = self.pool.run(fits).await.map_err(port_error)?;
        Ok(if fits { PasswordMatch::Yes } else { PasswordMatch::No })
    }

    async fn verify_nobody(&self, password: PlainPassword) -> Result<(), HashPasswordError> {
        let rounds = self.rounds;
        let work = move || bcrypt_hash::make(password.expose_normalized(), rounds, [0; SALT_BYTES]);
        self.pool.run(work).await.map_err(port_error)?;
        Ok(())
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

    fn stored(text: &str) -> PasswordHash {
        PasswordHash::from_stored(text.to_owned())
    }

    #[rstest]
    #[case::short("correct horse", "$2b$04$")]
    #[case::long(&"🔐".repeat(100), "$bcrypt-sha256$v=2,t=2b,r=4$")]
    #[tokio::test]
    async fn a_password_fits_its_hash_and_another_does_not(#[case] text: &str, #[case] prefix: &str) {
        let hasher = hasher();
        let hash = hasher.hash(password(text)).await.unwrap();

        assert!(hash.expose().starts_with(prefix));
        assert!(hasher.verify(password(text), hash.clone()).await.unwrap().fits());
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

        assert!(bcrypt_hash::fits("café au lait", hash.expose()));
        assert!(hasher.verify(password("café au lait"), hash).await.unwrap().fits());
    }

    #[tokio::test]
    async fn an_imported_hash_of_what_was_typed_fits_too() {
        let typed = "cafe\u{301} au lait";
        let imported = stored(&bcrypt_hash::make(typed, 4, [7; SALT_BYTES]));

        assert!(hasher().verify(password(typed), imported.clone()).await.unwrap().fits());
        assert!(!hasher().verify(password("café au lait"), imported).await.unwrap().fits());
    }

    #[rstest]
    #[case::empty("")]
    #[case::unknown("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g")]
    #[case::days_of_work("$2b$31$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW")]
    #[tokio::test]
    async fn nothing_fits_an_unreadable_hash(#[case] text: &str) {
        assert!(!hasher().verify(password("correct horse"), stored(text)).await.unwrap().fits());
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
