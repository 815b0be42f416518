//! What the product is measured against: an actix application that does the least that still is the same answer.
//!
//! `bare serve` reads and writes the product's own `users` table through prepared statements of the driver, without
//! layers, checks, error answers or an audit trail. `bare fill` puts users into that table, faster than the API would.
//! `cargo xtask bench` runs both; `benches/README.md` tells how to read what it prints.

mod fill;
mod serve;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sqlx::mysql::MySqlPoolOptions;

/// The product's allocator too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "The bare side of the benchmark")]
struct Arguments {
    /// The database of the product, migrated: `mysql://user@host:port/name`.
    #[arg(long)]
    database_url: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the database that the URL names.
    CreateDatabase,
    /// Drop it, with all that is in it.
    DropDatabase,
    /// Put users into it.
    Fill {
        /// How many.
        #[arg(long)]
        users: u32,
    },
    /// Serve `/users` from it.
    Serve {
        /// The port on 127.0.0.1.
        #[arg(long)]
        port: u16,
        /// Connections to the database.
        #[arg(long)]
        pool: u32,
        /// The work factor of bcrypt.
        #[arg(long)]
        bcrypt_rounds: u32,
    },
}

#[actix_web::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let url = &arguments.database_url;
    match arguments.command {
        Command::CreateDatabase => fill::create_database(url).await?,
        Command::DropDatabase => fill::drop_database(url).await?,
        Command::Fill { users } => fill::fill(url, users).await?,
        Command::Serve { port, pool, bcrypt_rounds } => {
            // As the product does: a connection that broke is found by using it, not by asking first.
            let pool = MySqlPoolOptions::new().max_connections(pool).test_before_acquire(false).connect(url).await?;
            serve::serve(port, pool, bcrypt_rounds).await?;
        }
    }
    Ok(())
}
