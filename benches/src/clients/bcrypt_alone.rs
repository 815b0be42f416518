//! bcrypt, and nothing else: as many threads as the product hashes on, at the same priority.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

use crate::Failure;
use crate::result_line::ResultLine;
use crate::window::Window;

/// What is done, and on how many threads.
#[derive(Debug)]
pub(crate) struct Burn {
    pub(crate) threads: usize,
    pub(crate) rounds: u32,
    pub(crate) password: String,
}

/// How many passwords are compared in a second, and the processor time of each in milliseconds.
pub(crate) fn measure(burn: &Burn, window: Window) -> Result<ResultLine, Failure> {
    let hash = bcrypt::hash(&burn.password, burn.rounds)?;
    let (compared, before) = (AtomicU64::new(0), processor_seconds());
    let all = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..burn.threads {
            scope.spawn(|| {
                compare_until_closed(&burn.password, &hash, window, |moment| {
                    all.fetch_add(1, Ordering::Relaxed);
                    compared.fetch_add(u64::from(window.holds(moment)), Ordering::Relaxed);
                });
            });
        }
    });
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let each = (processor_seconds() - before) * 1e3 / all.into_inner().max(1) as f64;
    Ok(ResultLine::default().with("rate", window.rate(compared.into_inner())).with("cpu_ms", each))
}

/// Compares the password with its hash at the lowest priority until the window closes, and tells when each was done.
pub(crate) fn compare_until_closed(password: &str, hash: &str, window: Window, done: impl Fn(Instant)) {
    // The priority of the calling thread alone, as the product's hashing threads have it; raising it needs no privilege.
    let _ = rustix::process::setpriority_process(None, 19);
    while !window.is_closed() {
        let fits = bcrypt::verify(password, hash);
        assert!(matches!(fits, Ok(true)), "the hash was made of this password");
        done(Instant::now());
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
