//! What the product is measured against: an actix application that does the least that still is the same answer.
//!
//! `bare serve` reads and writes the product's own `users` table through prepared statements of the driver, without
//! layers, checks, error answers or an audit trail. `bare fill` puts users into that table, faster than the API would, and
//! `bare set-passwords` lets some of them sign in.
//! `cargo xtask bench` runs both; `benches/README.md` tells how to read what it prints.

mod bearer;
mod change;
mod fill;
mod hashing;
mod refresh;
mod serve;
mod sums;
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
        /// The id of the last one.
        #[arg(long)]
        users: u32,
        /// The id of the first one: as many as there are already, and one.
        #[arg(long, default_value_t = 1)]
        first: u32,
        /// The first ten of all are administrators, and up to this id they are moderators, who may read everybody.
        #[arg(long, default_value_t = 0)]
        moderators: u32,
    },
    /// Give users a password.
    SetPasswords {
        /// The first user's id.
        #[arg(long)]
        first: u32,
        /// The last one's.
        #[arg(long)]
        last: u32,
        /// The password of each.
        #[arg(long)]
        password: String,
        /// The work factor of bcrypt.
        #[arg(long)]
        bcrypt_rounds: u32,
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
        /// Read one user only for a bearer token that was signed with this by HS256.
        #[arg(long)]
        jwt_secret: Option<String>,
        /// Write an event down with each change.
        #[arg(long)]
        audited: bool,
        /// Read the users with ids up to this at the start, and answer for one of them from a map.
        #[arg(long, default_value_t = 0)]
        mapped: u32,
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
        Command::Fill { users, first, moderators } => fill::fill(url, first, users, moderators).await?,
        Command::SetPasswords { first, last, password, bcrypt_rounds } => {
            fill::set_passwords(url, first..=last, &bcrypt::hash(password, bcrypt_rounds)?).await?;
        }
        Command::Serve { port, pool, bcrypt_rounds, jwt_secret, audited, mapped } => {
            // As the product does: a connection that broke is found by using it, not by asking first.
            let pool = MySqlPoolOptions::new()
                .max_connections(pool)
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None)
                .connect(url)
                .await?;
            let tokens = jwt_secret.map(|secret| bearer::Tokens::new(&secret));
            change::prepare(&pool).await?;
            let users = user::first(&pool, mapped).await?;
            let hashing = hashing::Hashing::start()?;
            let state = serve::State { pool, bcrypt_rounds, hashing, tokens, is_audited: audited, users };
            serve::serve(port, state).await?;
        }
    }
    Ok(())
}
