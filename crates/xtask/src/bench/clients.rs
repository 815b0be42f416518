//! The clients that wrk cannot play: the program `clients` of `benches`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use super::process::{Failure, Server};

/// What everybody's password is who has one.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Ids of people who can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct People {
    pub(crate) first: u32,
    pub(crate) last: u32,
}

/// The program.
#[derive(Debug, Clone)]
pub(crate) struct Clients(pub(crate) PathBuf);

/// The numbers that a run ended with, by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Numbers(BTreeMap<String, f64>);

/// An open loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Open<'a> {
    /// The tokens of those who read.
    pub(crate) readers: &'a Path,
    /// The tokens of those who write.
    pub(crate) writers: &'a Path,
    /// Who signs in meanwhile.
    pub(crate) people: People,
    /// Users are 1 to this.
    pub(crate) users: u32,
    /// Requests in a second.
    pub(crate) rate: u32,
    /// So many may be under way.
    pub(crate) connections: u32,
    pub(crate) seconds: u32,
    /// Whether only users by id are asked for, as popular as in the mix.
    pub(crate) only_users: bool,
}

/// What readers meet besides the server's own work.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Beside {
    Nothing,
    /// So many clients who sign these people in.
    Logins(u32, People),
    /// So many threads of the lowest priority, in another process, that compare passwords of this cost.
    Bcrypt(usize, u32),
}

impl Clients {
    /// Signs each of these people in once; their access tokens are in `file` then.
    pub(crate) fn write_tokens(&self, server: &Server, people: People, file: &Path) -> Result<(), Failure> {
        let mut command = self.command("tokens", Some(server));
        command.arg("--file").arg(file);
        run(with_people(&mut command, people).args(["--password", PASSWORD])).map(|_| ())
    }

    /// Signs these people in, `clients` at a time.
    pub(crate) fn logins(
        &self,
        server: &Server,
        people: People,
        clients: u32,
        seconds: u32,
    ) -> Result<Numbers, Failure> {
        let mut command = self.command("logins", Some(server));
        command.args(["--password", PASSWORD, "--clients", &clients.to_string(), "--seconds", &seconds.to_string()]);
        run(with_people(&mut command, people))
    }

    /// Refreshes a session of each of so many people at `server`; they sign in at `desk`.
    pub(crate) fn refreshes(
        &self,
        [desk, server]: [&Server; 2],
        people: People,
        clients: u32,
        seconds: u32,
    ) -> Result<Numbers, Failure> {
        let mut command = self.command("refreshes", Some(desk));
        command.args(["--at", &server.address.to_string(), "--password", PASSWORD]);
        command.args(["--clients", &clients.to_string(), "--seconds", &seconds.to_string()]);
        run(with_people(&mut command, people))
    }

    /// Compares passwords with no server.
    pub(crate) fn bcrypt(&self, threads: usize, rounds: u32, seconds: u32) -> Result<Numbers, Failure> {
        let mut command = self.command("bcrypt", None);
        command.args(["--threads", &threads.to_string(), "--rounds", &rounds.to_string()]);
        run(command.args(["--password", PASSWORD, "--seconds", &seconds.to_string()]))
    }

    /// Reads users at a steady rate.
    pub(crate) fn readers(
        &self,
        server: &Server,
        tokens: &Path,
        [users, rate, seconds]: [u32; 3],
        beside: Beside,
    ) -> Result<Numbers, Failure> {
        let mut command = self.command("readers", Some(server));
        command.arg("--tokens").arg(tokens).args(["--password", PASSWORD]);
        command.args(["--users", &users.to_string(), "--rate", &rate.to_string(), "--seconds", &seconds.to_string()]);
        match beside {
            Beside::Nothing => (),
            Beside::Logins(clients, people) => {
                with_people(&mut command, people).args(["--storm", &clients.to_string()]);
            }
            Beside::Bcrypt(threads, rounds) => {
                command.args(["--burning-threads", &threads.to_string(), "--burning-rounds", &rounds.to_string()]);
            }
        }
        run(&mut command)
    }

    /// Puts a mix of calls on a server, at a rate whatever it does, or, with the rate 0, as fast as it answers.
    pub(crate) fn open(&self, server: &Server, open: &Open<'_>) -> Result<Numbers, Failure> {
        static SEED: AtomicU32 = AtomicU32::new(1);
        let mut command = self.command("open", Some(server));
        command.arg("--tokens").arg(open.readers).arg("--writers").arg(open.writers).args(["--password", PASSWORD]);
        for (name, number) in [
            ("--users", open.users),
            ("--rate", open.rate),
            ("--connections", open.connections),
            ("--seconds", open.seconds),
            ("--seed", SEED.fetch_add(1, Ordering::Relaxed)),
        ] {
            command.arg(name).arg(number.to_string());
        }
        if open.only_users {
            command.args(["--mix", "gets"]);
        }
        run(with_people(&mut command, open.people))
    }

    fn command(&self, what: &str, server: Option<&Server>) -> Command {
        let mut command = Command::new(&self.0);
        command.arg(what);
        if let Some(server) = server {
            command.args(["--address", &server.address.to_string()]);
        }
        command
    }
}

impl Numbers {
    /// The number of this name; 0 if there is none.
    pub(crate) fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// How many answers had which status.
    pub(crate) fn statuses(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().filter_map(|(name, count)| Some((name.strip_prefix("status_")?, *count)))
    }
}

fn with_people(command: &mut Command, people: People) -> &mut Command {
    command.args(["--first", &people.first.to_string(), "--last", &people.last.to_string()])
}

/// Runs a program to its end, and returns the numbers it ended with.
pub(crate) fn run(command: &mut Command) -> Result<Numbers, Failure> {
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    numbers(&said).ok_or_else(|| Failure::Load(said + &String::from_utf8_lossy(&output.stderr)))
}

/// The line `RESULT` with its pairs of name and number.
pub(crate) fn numbers(output: &str) -> Option<Numbers> {
    let line = output.lines().find_map(|line| line.strip_prefix("RESULT "))?;
    let pair = |pair: &str| {
        let (name, number) = pair.split_once('=')?;
        Some((name.to_owned(), number.parse().ok()?))
    };
    line.split(' ').map(pair).collect::<Option<_>>().map(Numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_by_name() {
        let found = numbers("RESULT logins=13.5000 status_200=54.0000 status_503=2.0000\n").unwrap();
        assert!((found.get("logins") - 13.5).abs() < 1e-9);
        assert_eq!(found.statuses().collect::<Vec<_>>(), [("200", 54.0), ("503", 2.0)]);
    }

    #[test]
    fn other_output_is_no_result() {
        assert_eq!(numbers("error: Connection refused"), None);
        assert_eq!(numbers("RESULT logins"), None);
    }
}
