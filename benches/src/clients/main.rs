//! Clients that wrk cannot play: people who sign in, one after the other or in a storm, readers who come at a steady rate
//! whatever the server does, and the realistic mix of all of them. And bcrypt alone, which is what signing in is measured
//! against.
//!
//! Each command ends with one line, `RESULT` and pairs of name and number, which `cargo xtask bench` reads.

mod bcrypt_alone;
mod connection;
mod logins;
mod mix;
mod open_loop;
mod readers;
mod refreshing;
mod result_line;
mod schedule;
mod tally;
mod window;
mod wire;
mod zipf;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::bcrypt_alone::Burn;
use crate::logins::People;
use crate::mix::{GETS, Mix, REALISTIC};
use crate::open_loop::Pace;
use crate::readers::Readers;
use crate::result_line::ResultLine;
use crate::window::Window;
use crate::zipf::Zipf;

type Failure = Box<dyn std::error::Error>;

#[derive(Parser)]
#[command(about = "The clients of the benchmark")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Sign each of some people in once, and write the access tokens to a file, one to a line.
    Tokens {
        #[command(flatten)]
        people: PeopleArguments,
        /// The file.
        #[arg(long)]
        file: PathBuf,
    },
    /// Sign people in as fast as the server lets them.
    Logins {
        #[command(flatten)]
        people: PeopleArguments,
        /// How many sign in at a time.
        #[arg(long)]
        clients: usize,
        #[command(flatten)]
        window: WindowArguments,
    },
    /// Spend refresh tokens as fast as the server lets one.
    Refreshes {
        #[command(flatten)]
        people: PeopleArguments,
        /// Where refresh tokens are spent; people sign in at the other address.
        #[arg(long)]
        at: SocketAddr,
        /// How many sessions are refreshed at a time.
        #[arg(long)]
        clients: u32,
        #[command(flatten)]
        window: WindowArguments,
    },
    /// Compare a password again and again, with no server, on threads of the lowest priority.
    Bcrypt {
        #[command(flatten)]
        burn: BurnArguments,
        #[command(flatten)]
        window: WindowArguments,
    },
    /// Send a mix of calls at a steady rate, whatever the server does, or as fast as it answers.
    Open(OpenArguments),
    /// Read users at a steady rate: each request has its time, and waits count from there.
    Readers {
        /// The server.
        #[arg(long)]
        address: SocketAddr,
        /// The access tokens that the readers show in turn.
        #[arg(long)]
        tokens: PathBuf,
        /// Users are 1 to this.
        #[arg(long)]
        users: u32,
        /// Requests in a second.
        #[arg(long)]
        rate: u32,
        #[command(flatten)]
        window: WindowArguments,
        /// Meanwhile so many clients sign people in as fast as they can, …
        #[arg(long, default_value_t = 0)]
        storm: usize,
        /// … people with these ids.
        #[arg(long, default_value_t = 1)]
        first: u32,
        /// The last of them.
        #[arg(long, default_value_t = 1)]
        last: u32,
        /// The password of each.
        #[arg(long, default_value = "")]
        password: String,
        /// Or meanwhile so many threads of the lowest priority compare passwords with no server.
        #[arg(long, default_value_t = 0)]
        burning_threads: usize,
        /// The work factor of bcrypt for these.
        #[arg(long, default_value_t = 12)]
        burning_rounds: u32,
    },
}

#[derive(Args)]
struct PeopleArguments {
    /// The server.
    #[arg(long)]
    address: SocketAddr,
    /// The first person's id; they are called `person` and their id.
    #[arg(long)]
    first: u32,
    /// The last one's.
    #[arg(long)]
    last: u32,
    /// The password of each.
    #[arg(long)]
    password: String,
}

#[derive(Args)]
struct OpenArguments {
    /// People who sign in meanwhile.
    #[command(flatten)]
    people: PeopleArguments,
    /// The access tokens of those who read.
    #[arg(long)]
    tokens: PathBuf,
    /// The access tokens of those who write.
    #[arg(long)]
    writers: PathBuf,
    /// Users are 1 to this.
    #[arg(long)]
    users: u32,
    /// Requests in a second; with 0, each connection asks again once it is answered.
    #[arg(long)]
    rate: u32,
    /// So many requests may be under way.
    #[arg(long)]
    connections: usize,
    /// What is asked.
    #[arg(long, value_enum, default_value = "realistic")]
    mix: MixName,
    /// What the draws begin with, and the names of new users.
    #[arg(long)]
    seed: u64,
    #[command(flatten)]
    window: WindowArguments,
}

#[derive(Clone, Copy, ValueEnum)]
enum MixName {
    /// What callers ask for.
    Realistic,
    /// One user by id alone.
    Gets,
}

#[derive(Args)]
struct WindowArguments {
    /// Seconds that are measured.
    #[arg(long)]
    seconds: u64,
}

#[derive(Args)]
struct BurnArguments {
    /// So many threads.
    #[arg(long)]
    threads: usize,
    /// The work factor of bcrypt.
    #[arg(long)]
    rounds: u32,
    /// The password.
    #[arg(long)]
    password: String,
}

impl PeopleArguments {
    fn people(&self) -> People {
        People { address: self.address, ids: self.first..=self.last, password: self.password.clone() }
    }
}

impl OpenArguments {
    fn measure(self) -> Result<ResultLine, Failure> {
        let tokens = |file| -> Result<Vec<String>, Failure> {
            Ok(std::fs::read_to_string(file)?.lines().map(ToOwned::to_owned).collect())
        };
        let PeopleArguments { address, first, last, password } = self.people;
        let mix = Mix {
            address,
            weights: match self.mix {
                MixName::Realistic => &REALISTIC,
                MixName::Gets => &GETS,
            },
            readers: tokens(self.tokens)?,
            writers: tokens(self.writers)?,
            users: Zipf::new(self.users),
            people: [first, last],
            password,
            prefix: format!("open{}", self.seed),
        };
        let pace = Pace { rate: self.rate, connections: self.connections, window: self.window.window() };
        open_loop::measure(&mix, pace, self.seed)
    }
}

impl WindowArguments {
    fn window(&self) -> Window {
        Window::opening_soon(Duration::from_secs(self.seconds))
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(line) => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stdout(), "{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<String, Failure> {
    let line = match command {
        Command::Tokens { people, file } => logins::write_tokens(&people.people(), &file)?,
        Command::Logins { people, clients, window } => {
            logins::measure(&people.people(), clients, window.window()).line()
        }
        Command::Refreshes { people, at, clients, window } => {
            refreshing::measure(&people.people(), at, clients, Duration::from_secs(window.seconds))?
        }
        Command::Bcrypt { burn: BurnArguments { threads, rounds, password }, window } => {
            bcrypt_alone::measure(&Burn { threads, rounds, password }, window.window())?
        }
        Command::Open(open) => open.measure()?,
        Command::Readers {
            address,
            tokens,
            users,
            rate,
            window,
            storm,
            first,
            last,
            password,
            burning_threads,
            burning_rounds,
        } => {
            let readers = Readers::new(address, &std::fs::read_to_string(tokens)?, users, rate);
            let people = People { address, ids: first..=last, password: password.clone() };
            let burn = Burn { threads: burning_threads, rounds: burning_rounds, password };
            readers::measure(&readers, &people, storm, &burn, window.window())?
        }
    };
    Ok(line.to_string())
}
