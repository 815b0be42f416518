//! Passwords without the slow work.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use domain::ports::{HashPasswordError, PasswordHasher, PasswordMatch, PasswordStrength, Strength};
use domain::values::{PasswordHash, PlainPassword};

/// "Hashes" by writing `fake$` before the password: for tests only, as anybody can read it back.
#[derive(Debug, Default)]
pub struct FakeHasher {
    overloaded: AtomicBool,
    stalled: AtomicBool,
}

impl FakeHasher {
    /// A hasher that is always ready.
    pub fn new() -> Self {
        Self::default()
    }

    /// The hash it would make.
    pub fn hash_of(password: &str) -> PasswordHash {
        PasswordHash::from_stored(format!("fake${password}"))
    }

    /// A hash as it made them once: it fits, and is outdated.
    pub fn old_hash_of(password: &str) -> PasswordHash {
        PasswordHash::from_stored(format!("old${password}"))
    }

    /// From now on, answers that too many are waiting; or no longer does.
    pub fn overload(&self, overloaded: bool) {
        self.overloaded.store(overloaded, Ordering::SeqCst);
    }

    /// From now on, lets everybody wait until it no longer does.
    pub fn stall(&self, stalled: bool) {
        self.stalled.store(stalled, Ordering::SeqCst);
    }

    /// Asks again and again: nobody has to wake those who wait, and tests do not wait for long.
    async fn turn(&self) {
        poll_fn(|context| {
            if self.stalled.load(Ordering::SeqCst) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }

    fn admit(&self) -> Result<(), HashPasswordError> {
        if self.overloaded.load(Ordering::SeqCst) {
            return Err(HashPasswordError::Overloaded { retry_after: Duration::from_secs(1) });
        }
        Ok(())
    }
}

#[async_trait]
impl PasswordHasher for FakeHasher {
    async fn hash(&self, password: PlainPassword) -> Result<PasswordHash, HashPasswordError> {
        self.admit()?;
        self.turn().await;
        Ok(Self::hash_of(password.expose_normalized()))
    }

    async fn verify(&self, password: PlainPassword, hash: PasswordHash) -> Result<PasswordMatch, HashPasswordError> {
        self.admit()?;
        self.turn().await;
        let password = password.expose_normalized();
        Ok(if Self::hash_of(password) == hash {
            PasswordMatch::Yes
        } else if Self::old_hash_of(password) == hash {
            PasswordMatch::Outdated
        } else {
            PasswordMatch::No
        })
    }

    async fn verify_nobody(&self, _: PlainPassword) -> Result<(), HashPasswordError> {
        self.admit()?;
        self.turn().await;
        Ok(())
    }
}

#[async_trait]
impl PasswordStrength for FakeHasher {
    async fn assess(&self, password: PlainPassword, about: Vec<String>) -> Result<Strength, HashPasswordError> {
        self.admit()?;
        let text = password.expose_normalized().to_lowercase();
        let is_weak = about.iter().map(String::as_str).chain(["password"]).any(|word| text.contains(word));
        let advice = if is_weak { vec!["Add another word or two.".to_owned()] } else { Vec::new() };
        Ok(Strength { score: if is_weak { 0 } else { 4 }, advice })
    }
}

#[cfg(test)]
mod tests {
    use domain::values::PasswordPolicy;

    use super::*;

    fn password(text: &str) -> PlainPassword {
        PlainPassword::parse(text, &PasswordPolicy::default()).unwrap()
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let hasher = FakeHasher::new();
        let hash = hasher.hash(password("correct horse")).await.unwrap();
        assert_eq!(hasher.verify(password("correct horse"), hash.clone()).await.unwrap(), PasswordMatch::Yes);
        assert_eq!(hasher.verify(password("battery staple"), hash).await.unwrap(), PasswordMatch::No);
        let old = FakeHasher::old_hash_of("correct horse");
        assert_eq!(hasher.verify(password("correct horse"), old).await.unwrap(), PasswordMatch::Outdated);
    }

    #[tokio::test]
    async fn a_stalled_hasher_lets_wait_until_it_goes_on() {
        let hasher = FakeHasher::new();
        hasher.stall(true);
        let mut hash = hasher.hash(password("12345678"));
        assert!(poll_fn(|context| Poll::Ready(hash.as_mut().poll(context).is_pending())).await);
        hasher.stall(false);
        assert!(hash.await.is_ok());
    }

    #[tokio::test]
    async fn an_overloaded_hasher_does_nothing_until_it_is_relieved() {
        let hasher = FakeHasher::new();
        hasher.overload(true);
        assert!(matches!(hasher.hash(password("12345678")).await, Err(HashPasswordError::Overloaded { .. })));
        hasher.overload(false);
        assert!(hasher.hash(password("12345678")).await.is_ok());
    }
}
