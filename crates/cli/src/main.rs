//! `usermgmt`: the service, its migrations and what an operator needs beside it.

// Futures that hold three drivers' connections lie deeper in one another than the compiler looks by default.
#![recursion_limit = "256"]

mod administrators;
mod arguments;
mod audit_protection;
mod backoff;
mod bootstrap;
mod clock;
mod commands;
mod compose;
mod database;
mod existing_database;
mod jobs;
mod kept_keys;
mod logging;
mod numbers;
mod password;
mod progress;
mod prompt;
mod sequencing;
mod table;
mod terminal;

use std::process::ExitCode;

use clap::Parser;
use rustix::fs::Mode;

use crate::arguments::Arguments;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // What is kept here, hashes of passwords and keys, is nobody else's to read.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    // A kernel that gives 2 MiB where a few KiB are touched nearly doubles what the service takes. One that refuses not to is
    // no reason not to start.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    match commands::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            ExitCode::FAILURE
        }
    }
}
