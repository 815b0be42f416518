//! The stretch of time that is measured.

use std::time::{Duration, Instant};

/// It opens when everything has got going, and what ends within it counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) opens: Instant,
    pub(crate) closes: Instant,
}

/// Long enough for the queues to fill.
const WARM_UP: Duration = Duration::from_millis(1500);

impl Window {
    /// A window that opens after the time that everything takes to get going.
    pub(crate) fn opening_soon(length: Duration) -> Self {
        let opens = Instant::now() + WARM_UP;
        Self { opens, closes: opens + length }
    }

    /// Whether what happened then is measured.
    pub(crate) fn holds(&self, moment: Instant) -> bool {
        self.opens <= moment && moment < self.closes
    }

    /// Whether there is nothing more to measure.
    pub(crate) fn is_closed(&self) -> bool {
        Instant::now() >= self.closes
    }

    /// So many within the window are how many in a second.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub(crate) fn rate(&self, count: u64) -> f64 {
        count as f64 / (self.closes - self.opens).as_secs_f64()
    }
}
