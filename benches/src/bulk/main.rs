//! What moving many users is measured against: the databases' own ways, without the product.
//!
//! `bulk load` copies every row that an import wrote into another migrated database, `bulk dump` writes the users to a file,
//! and `bulk lag` watches how far the chain is behind the events. `bulk fill` makes users in an SQLite file, and `bulk ask` runs
//! statements on MariaDB. Each prints one line, `RESULT` with names and numbers.

mod ask;
mod dump;
mod fill;
mod lag;
mod load;
#[path = "../sums.rs"]
mod sums;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The product's allocator too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error>;

#[derive(Parser)]
#[command(about = "Moving many users without the product")]
struct Arguments {
    /// The database, migrated: `mysql://user@host:port/name` or `sqlite://FILE`.
    #[arg(long)]
    database_url: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fill its empty tables with the rows of another one.
    Load {
        /// Where the rows are.
        #[arg(long)]
        from: String,
        /// A new directory that the database server may write to.
        #[arg(long)]
        directory: PathBuf,
    },
    /// Write what an export holds to a file.
    Dump {
        /// The file.
        #[arg(long)]
        file: PathBuf,
    },
    /// Put users into an SQLite file.
    Fill {
        /// The id of the first one: as many as there are already, and one.
        #[arg(long)]
        first: u32,
        /// The id of the last one.
        #[arg(long)]
        users: u32,
    },
    /// Run statements on MariaDB; the last one's first row is the result, as texts with tabs between.
    Ask {
        /// The statements.
        #[arg(required = true)]
        statements: Vec<String>,
    },
    /// Look twenty times in a second how old the last event of the chain is, until there are so many.
    Lag {
        /// How many events there will be.
        #[arg(long)]
        events: i64,
    },
}

#[actix_web::main]
async fn main() -> ExitCode {
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let said = match run(Arguments::parse()).await {
        Ok(result) => writeln!(out, "RESULT {result}").map(|()| ExitCode::SUCCESS),
        Err(error) => writeln!(err, "error: {error}").map(|()| ExitCode::FAILURE),
    };
    said.unwrap_or(ExitCode::FAILURE)
}

async fn run(Arguments { database_url, command }: Arguments) -> Result<String, Failure> {
    let is_sqlite = database_url.starts_with("sqlite:");
    match command {
        Command::Load { from, .. } if is_sqlite => load::sqlite(&from, &database_url).await,
        Command::Load { from, directory } => load::mariadb(&from, &database_url, &directory).await,
        Command::Dump { file } if is_sqlite => dump::sqlite(&database_url, &file).await,
        Command::Dump { file } => dump::mariadb(&database_url, &file).await,
        Command::Fill { first, users } => fill::sqlite(&database_url, first, users).await,
        Command::Ask { statements } => ask::mariadb(&database_url, &statements).await,
        Command::Lag { events } => lag::watch(&database_url, events).await,
    }
}
