//! How much work a thread has done.

use std::time::Duration;

/// The time that this thread has had a processor, from some beginning. Work measured by it is the same on a busy machine,
/// where a thread of low priority waits more than it works.
#[cfg(target_os = "linux")]
pub(crate) fn thread_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("a thread's time is not negative")
}

/// Elsewhere the time on the clock, waiting included.
#[cfg(not(target_os = "linux"))]
pub(crate) fn thread_time() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;

    static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGINNING.elapsed()
}
