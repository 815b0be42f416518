//! The servers, on one database that is made for them.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::clients::{Clients, PASSWORD, People};
use super::process::{Failure, Server, free_port, say, succeed};
use super::{Bench, Binaries};

/// Where the users come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A few statements make them.
    Statements,
    /// The product imports them.
    Import,
}

/// The database, the product and the bare handler; all end with this value.
#[derive(Debug)]
pub(crate) struct Targets {
    // Fields are dropped in this order: the servers before their database.
    pub(crate) product: Server,
    pub(crate) bare: Server,
    pub(crate) clients: Clients,
    idle: [f64; 2],
    binary: PathBuf,
    scratch: PathBuf,
    pool: String,
    database: Database,
}

/// MiB, idle and after the load.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) product: [f64; 2],
    pub(crate) bare: [f64; 2],
}

impl Targets {
    pub(crate) fn start(
        binaries: &Binaries,
        server_url: &str,
        bench: &Bench,
        origin: Origin,
        scratch: &Path,
    ) -> Result<Self, Failure> {
        let database = Database::create(binaries, server_url)?;
        let tool = || open_product(&binaries.product, scratch, &database.url);
        succeed(tool().args(["migrate", "up"]).stdout(Stdio::null()))?;
        match origin {
            Origin::Statements => {
                say(&format!("filling the table with {} users", bench.users));
                database.fill(1, bench.users, READERS.last)?;
            }
            Origin::Import => {
                say(&format!("importing {} users", bench.users));
                let file = scratch.join("users.csv");
                write_people(&file, bench.users)?;
                succeed(tool().arg("users").arg("import").arg(&file).stdout(Stdio::null()))?;
                std::fs::remove_file(file)?;
            }
        }
        let pool = bench.setup.pool.to_string();
        let port = free_port()?;
        let mut serve = tool();
        serve.env("DATABASE_POOL_SIZE", &pool).env("PORT", port.to_string());
        let product = Server::start("product", serve.arg("serve"), port, "/ready")?;
        let bare = bare(&database, &pool, 4, &[])?;
        std::thread::sleep(Duration::from_secs(1));
        let idle = [product.memory()?, bare.memory()?];
        let (clients, binary) = (Clients(binaries.clients.clone()), binaries.product.clone());
        Ok(Self { product, bare, clients, idle, binary, scratch: scratch.to_owned(), pool, database })
    }

    /// One more product, which requires tokens. Its limits of reading and writing are counted and never reached; signing in
    /// has none, as all that sign in here come from one address.
    pub(crate) fn guarded(&self, bcrypt_rounds: u32) -> Result<Server, Failure> {
        self.guarded_with(bcrypt_rounds, &[])
    }

    /// The same with more settings.
    pub(crate) fn guarded_with(&self, bcrypt_rounds: u32, more: &[(&str, &str)]) -> Result<Server, Failure> {
        let mut settings = vec![
            ("AUTH_REQUIRED", "true"),
            ("JWT_SECRET", JWT_SECRET),
            // Longer than a benchmark takes.
            ("ACCESS_TOKEN_EXPIRE_MINUTES", "1440"),
            ("RATE_LIMIT_AUTH", "off"),
            ("RATE_LIMIT_READ", "1000000/s"),
            ("RATE_LIMIT_WRITE", "1000000/s"),
            ("BOOTSTRAP_ADMIN_USERNAME", "admin"),
            ("BOOTSTRAP_ADMIN_EMAIL", "admin@example.net"),
            ("BOOTSTRAP_ADMIN_PASSWORD", PASSWORD),
        ];
        settings.extend(more);
        self.open_with("product with tokens", bcrypt_rounds, &settings)
    }

    /// One more product that asks nobody for a token, unless these settings say otherwise.
    pub(crate) fn open_with(
        &self,
        name: &'static str,
        bcrypt_rounds: u32,
        more: &[(&str, &str)],
    ) -> Result<Server, Failure> {
        let port = free_port()?;
        let mut serve = open_product(&self.binary, &self.scratch, &self.database.url);
        serve.envs(more.iter().copied()).env("BCRYPT_ROUNDS", bcrypt_rounds.to_string());
        serve.env("DATABASE_POOL_SIZE", &self.pool).env("PORT", port.to_string());
        Server::start(name, serve.arg("serve"), port, "/ready")
    }

    /// One more bare handler, which wants a token of [`guarded`](Self::guarded) for reading one user.
    pub(crate) fn bare_that_checks_tokens(&self) -> Result<Server, Failure> {
        bare(&self.database, &self.pool, 4, &["--jwt-secret", JWT_SECRET])
    }

    /// The same, with the users up to this id in a map.
    pub(crate) fn bare_map_that_checks_tokens(&self, last: u32) -> Result<Server, Failure> {
        bare(&self.database, &self.pool, 4, &["--jwt-secret", JWT_SECRET, "--mapped", &last.to_string()])
    }

    /// One more bare handler that hashes with this cost.
    pub(crate) fn bare_with_cost(&self, bcrypt_rounds: u32) -> Result<Server, Failure> {
        bare(&self.database, &self.pool, bcrypt_rounds, &[])
    }

    /// Two more bare handlers, which change a user in a transaction: one writes an event down with it, the other does not.
    pub(crate) fn bare_with_and_without_events(&self) -> Result<[Server; 2], Failure> {
        Ok([bare(&self.database, &self.pool, 4, &["--audited"])?, bare(&self.database, &self.pool, 4, &[])?])
    }

    /// A file of access tokens of people who may change everybody. `server` is a guarded one whose bcrypt is cheap.
    pub(crate) fn writers(&self, server: &Server) -> Result<PathBuf, Failure> {
        let file = self.scratch.join("writers");
        if !file.exists() {
            self.set_passwords(WRITERS, 4)?;
            self.clients.write_tokens(server, WRITERS, &file)?;
        }
        Ok(file)
    }

    /// Where the database is.
    pub(crate) fn database_url(&self) -> &str {
        &self.database.url
    }

    /// A file of access tokens, of sessions of as many people who may read everybody. `server` is a guarded one whose
    /// bcrypt is cheap.
    pub(crate) fn tokens(&self, server: &Server) -> Result<PathBuf, Failure> {
        let file = self.scratch.join("tokens");
        if !file.exists() {
            self.set_passwords(READERS, 4)?;
            self.clients.write_tokens(server, READERS, &file)?;
        }
        Ok(file)
    }

    /// People who can sign in, with hashes of this cost.
    pub(crate) fn people(&self, cost: u32) -> Result<People, Failure> {
        let people = People { first: 1_000 * cost + 1, last: 1_000 * cost + 1_000 };
        self.set_passwords(people, cost)?;
        Ok(people)
    }

    fn set_passwords(&self, People { first, last }: People, cost: u32) -> Result<(), Failure> {
        let mut set = self.database.tool();
        set.args(["set-passwords", "--first", &first.to_string(), "--last", &last.to_string()]);
        succeed(set.args(["--password", PASSWORD, "--bcrypt-rounds", &cost.to_string()]))
    }

    pub(crate) fn memory(&self) -> Result<Memory, Failure> {
        let [product, bare] = self.idle;
        Ok(Memory { product: [product, self.product.memory()?], bare: [bare, self.bare.memory()?] })
    }
}

/// Sessions whose tokens are shown by turns, so that no single one is always at hand.
const READERS: People = People { first: 11, last: 1_000 };

/// The administrators.
const WRITERS: People = People { first: 1, last: 10 };

/// Shared by all that sign and check tokens here, and good for nothing else.
pub(crate) const JWT_SECRET: &str = "kQ8vYt2Lz6RwXn4B7mHc1JdF9sGp3UeA5oTi0NbE";

fn bare(database: &Database, pool: &str, bcrypt_rounds: u32, options: &[&str]) -> Result<Server, Failure> {
    let port = free_port()?;
    let mut serve = database.tool();
    serve.args(["serve", "--port", &port.to_string(), "--pool", pool]);
    serve.args(["--bcrypt-rounds", &bcrypt_rounds.to_string()]).args(options);
    Server::start("bare", &mut serve, port, "/ready")
}

/// The product that asks nobody for a token, with these settings and none of the caller's: in `directory` lies no `.env`, and
/// its keys go there.
pub(crate) fn open_product(binary: &Path, directory: &Path, database_url: &str) -> Command {
    let mut command = Command::new(binary);
    command.env_clear().current_dir(directory).env("DATABASE_URL", database_url).envs([
        ("HOST", "127.0.0.1"),
        ("AUTH_REQUIRED", "false"),
        ("BCRYPT_ROUNDS", "4"),
        ("LOG_LEVEL", "error"),
    ]);
    command
}

/// A file to import: `person1` to `person` and `users`, of whom the first ones have the roles of [`WRITERS`] and [`READERS`].
fn write_people(file: &Path, users: u32) -> Result<(), Failure> {
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "username,email,password_hash,full_name,created_at,role")?;
    for number in 1..=users {
        let role = match number {
            _ if number <= WRITERS.last => "admin",
            _ if number <= READERS.last => "moderator",
            _ => "user",
        };
        writeln!(
            out,
            "person{number},person{number}@example.com,$2b$12${number:0>21}uTlVsOuVp3UoiKhKt2Ah6n3bVbZjv5Jq,\
             Person Number {number},2024-05-06T07:08:09Z,{role}"
        )?;
    }
    Ok(out.flush()?)
}

/// A database on the server that is dropped again.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) url: String,
    tool: PathBuf,
}

impl Database {
    pub(crate) fn create(binaries: &Binaries, server_url: &str) -> Result<Self, Failure> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // Not a name that somebody has.
        let name = format!("usermgmt_bench_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let url = format!("{}/{name}", server_url.trim_end_matches('/'));
        let tool = binaries.bare.clone();
        let mut create = Command::new(&tool);
        succeed(create.args(["--database-url", &url, "create-database"]))?;
        Ok(Self { url, tool })
    }

    /// Puts users with the ids `first` to `last` into it, which holds those before them.
    pub(crate) fn fill(&self, first: u32, last: u32, moderators: u32) -> Result<(), Failure> {
        let mut fill = self.tool();
        fill.args(["fill", "--first", &first.to_string(), "--users", &last.to_string()]);
        succeed(fill.args(["--moderators", &moderators.to_string()]))
    }

    fn tool(&self) -> Command {
        let mut command = Command::new(&self.tool);
        command.args(["--database-url", &self.url]);
        command
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Err(failure) = succeed(self.tool().arg("drop-database")) {
            say(&format!("the database stays: {failure}"));
        }
    }
}
