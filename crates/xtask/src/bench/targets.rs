//! The servers, on one database that is made for them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::clients::{Clients, PASSWORD, People};
use super::process::{Failure, Server, free_port, say, succeed};
use super::{Bench, Binaries};

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
    pub(crate) fn start(binaries: &Binaries, server_url: &str, bench: &Bench, scratch: &Path) -> Result<Self, Failure> {
        let product = |database: &Database| open_product(&binaries.product, scratch, &database.url);
        let database = Database::create(binaries, server_url)?;
        succeed(product(&database).args(["migrate", "up"]).stdout(Stdio::null()))?;
        say(&format!("filling the table with {} users", bench.users));
        let moderators = READERS.last.to_string();
        succeed(database.tool().args(["fill", "--users", &bench.users.to_string(), "--moderators", &moderators]))?;
        let pool = bench.pool.to_string();
        let port = free_port()?;
        let mut serve = product(&database);
        serve.env("DATABASE_POOL_SIZE", &pool).env("PORT", port.to_string());
        let product = Server::start("product", serve.arg("serve"), port, "/ready")?;
        let bare = bare(&database, &pool, &[])?;
        std::thread::sleep(Duration::from_secs(1));
        let idle = [product.memory()?, bare.memory()?];
        let (clients, binary) = (Clients(binaries.clients.clone()), binaries.product.clone());
        Ok(Self { product, bare, clients, idle, binary, scratch: scratch.to_owned(), pool, database })
    }

    /// One more product, which requires tokens. Its limits of reading and writing are counted and never reached; signing in
    /// has none, as all that sign in here come from one address.
    pub(crate) fn guarded(&self, bcrypt_rounds: u32) -> Result<Server, Failure> {
        let port = free_port()?;
        let mut serve = open_product(&self.binary, &self.scratch, &self.database.url);
        serve.envs([
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
        ]);
        serve.env("BCRYPT_ROUNDS", bcrypt_rounds.to_string());
        serve.env("DATABASE_POOL_SIZE", &self.pool).env("PORT", port.to_string());
        Server::start("product with tokens", serve.arg("serve"), port, "/ready")
    }

    /// One more bare handler, which wants a token of [`guarded`](Self::guarded) for reading one user.
    pub(crate) fn bare_that_checks_tokens(&self) -> Result<Server, Failure> {
        bare(&self.database, &self.pool, &["--jwt-secret", JWT_SECRET])
    }

    /// Two more bare handlers, which change a user in a transaction: one writes an event down with it, the other does not.
    pub(crate) fn bare_with_and_without_events(&self) -> Result<[Server; 2], Failure> {
        Ok([bare(&self.database, &self.pool, &["--audited"])?, bare(&self.database, &self.pool, &[])?])
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
const READERS: People = People { first: 1, last: 1_000 };

/// Shared by all that sign and check tokens here, and good for nothing else.
const JWT_SECRET: &str = "kQ8vYt2Lz6RwXn4B7mHc1JdF9sGp3UeA5oTi0NbE";

fn bare(database: &Database, pool: &str, options: &[&str]) -> Result<Server, Failure> {
    let port = free_port()?;
    let mut serve = database.tool();
    serve.args(["serve", "--port", &port.to_string(), "--pool", pool, "--bcrypt-rounds", "4"]).args(options);
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
