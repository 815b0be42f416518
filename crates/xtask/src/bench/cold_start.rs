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
}

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
    let seconds = |times: &[f64]| Duration::from_secs_f64(median(times));
    Ok(ColdStart { new: seconds(&new), existing: seconds(&existing), memory: median(&memory) })
}

fn start(binary: &Path, scratch: &Path, file: &Path) -> Result<Server, Failure> {
    let port = free_port()?;
    let mut command = open_product(binary, scratch, &format!("sqlite://{}?mode=rwc", file.display()));
    Server::start("product", command.env("PORT", port.to_string()).arg("serve"), port, "/ready")
}
