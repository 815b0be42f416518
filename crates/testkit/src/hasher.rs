//! Passwords without the slow work.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use domain::ports::{HashPasswordError, PasswordHasher};
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

    async fn verify(&self, password: PlainPassword, hash: PasswordHash) -> Result<bool, HashPasswordError> {
        self.admit()?;
        self.turn().await;
        Ok(Self::hash_of(password.expose_normalized()) == hash)
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
        assert!(hasher.verify(password("correct horse"), hash.clone()).await.unwrap());
        assert!(!hasher.verify(password("battery staple"), hash).await.unwrap());
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
