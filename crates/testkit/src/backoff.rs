//! Trying again without waiting.

use async_trait::async_trait;
use domain::ports::{Attempts, Backoff};

/// Does not pause, and gives up after so many further attempts.
#[derive(Debug, Clone, Copy)]
pub struct ImmediateBackoff {
    further_attempts: u32,
}

impl ImmediateBackoff {
    /// Allows so many attempts after the first.
    pub const fn new(further_attempts: u32) -> Self {
        Self { further_attempts }
    }
}

impl Default for ImmediateBackoff {
    fn default() -> Self {
        Self::new(3)
    }
}

impl Backoff for ImmediateBackoff {
    fn start(&self) -> Box<dyn Attempts> {
        Box::new(Left(self.further_attempts))
    }
}

struct Left(u32);

#[async_trait]
impl Attempts for Left {
    async fn another(&mut self) -> bool {
        let left = self.0.checked_sub(1);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_use_case_has_all_its_attempts() {
        let backoff = ImmediateBackoff::new(2);
        for _ in 0..2 {
            let mut attempts = backoff.start();
            let answers = [attempts.another().await, attempts.another().await, attempts.another().await];
            assert_eq!(answers, [true, true, false]);
        }
    }
}
