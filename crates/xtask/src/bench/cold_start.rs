//! From the start of the process to `/ready`, on SQLite.

use std::path::Path;
use std::time::Duration;

use super::process::{Failure, Server, free_port};
use super::report::median;
use super::targets::open_product;

/// Medians of several starts.
#[derive(Debug)]
pub(crate) struct ColdStart {
    /// No file yet: the schema is made.
    pub(crate) new: Duration,
    /// The file is there and up to date.
    pub(crate) existing: Duration,
    /// MiB when ready.
    pub(crate) memory: f64,
    /// Of one processor, what it takes when nobody asks anything: a part of 1, over ten seconds.
    pub(crate) idle: f64,
}

const IDLE: Duration = Duration::from_secs(10);

const STARTS: usize = 7;

/// Starts the product again and again, with its files in `scratch`.
pub(crate) fn measure(binary: &Path, scratch: &Path) -> Result<ColdStart, Failure> {
    let (mut new, mut existing, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..STARTS {
        let file = scratch.join(format!("cold{number}.db"));
        new.push(start(binary, scratch, &file)?.started_in.as_secs_f64());
        let again = start(binary, scratch, &file)?;
        existing.push(again.started_in.as_secs_f64());
        memory.push(again.memory()?);
    }
    let server = start(binary, scratch, &scratch.join("cold0.db"))?;
    // What follows a start is no idling.
    std::thread::sleep(Duration::from_secs(2));
    let before = server.processor_time()?;
    std::thread::sleep(IDLE);
    let idle = server.processor_time()?.saturating_sub(before).div_duration_f64(IDLE);
    let seconds = |times: &[f64]| Duration::from_secs_f64(median(times));
    Ok(ColdStart { new: seconds(&new), existing: seconds(&existing), memory: median(&memory), idle })
}

fn start(binary: &Path, scratch: &Path, file: &Path) -> Result<Server, Failure> {
    let port = free_port()?;
    let mut command = open_product(binary, scratch, &format!("sqlite://{}?mode=rwc", file.display()));
    Server::start("product", command.env("PORT", port.to_string()).arg("serve"), port, "/ready")
}
