//! `cargo xtask`.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{bench, codegen};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of the workspace")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Write the files that are made from code: the OpenAPI document, the error list, the list of settings.
    Codegen {
        /// Write nothing; fail if a file is not what it would become.
        #[arg(long)]
        check: bool,
    },
    /// Measure the product beside what does the least, on a private database; prints Markdown (a quarter of an hour).
    Bench(Box<bench::Bench>),
}

fn main() -> ExitCode {
    let done: Result<String, Box<dyn std::error::Error>> = match Arguments::parse().chore {
        Chore::Codegen { check: true } => codegen::check().map_err(Into::into),
        Chore::Codegen { check: false } => codegen::write().map_err(Into::into),
        Chore::Bench(bench) => bench::run(&bench).map_err(Into::into),
    };
    let (text, code) = match done {
        Ok(text) => (text, ExitCode::SUCCESS),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let _ = write!(std::io::stdout(), "{text}");
    code
}
