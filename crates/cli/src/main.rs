//! `usermgmt`: the service, its migrations and what an operator needs beside it.

mod administrators;
mod arguments;
mod backoff;
mod bootstrap;
mod clock;
mod commands;
mod compose;
mod database;
mod encryption_key;
mod existing_database;
mod jobs;
mod logging;
mod password;
mod prompt;
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
    match commands::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            ExitCode::FAILURE
        }
    }
}
