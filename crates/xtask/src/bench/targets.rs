//! The two servers, on one database that is made for them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::process::{Failure, Server, free_port, say, succeed};
use super::{Bench, Binaries};

/// The database, the product and the bare handler; all end with this value.
#[derive(Debug)]
pub(crate) struct Targets {
    // Fields are dropped in this order: the servers before their database.
    pub(crate) product: Server,
    pub(crate) bare: Server,
    idle: [f64; 2],
    _database: Database,
}

/// MiB, idle and after the load.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) product: [f64; 2],
    pub(crate) bare: [f64; 2],
}

impl Targets {
    pub(crate) fn start(binaries: &Binaries, server_url: &str, bench: &Bench, scratch: &Path) -> Result<Self, Failure> {
        let product = |database: &Database| product(&binaries.product, scratch, &database.url);
        let database = Database::create(binaries, server_url)?;
        succeed(product(&database).args(["migrate", "up"]).stdout(Stdio::null()))?;
        say(&format!("filling the table with {} users", bench.users));
        succeed(database.tool().args(["fill", "--users", &bench.users.to_string()]))?;
        let pool = bench.pool.to_string();
        let port = free_port()?;
        let mut serve = product(&database);
        serve.env("DATABASE_POOL_SIZE", &pool).env("PORT", port.to_string());
        let product = Server::start("product", serve.arg("serve"), port, "/ready")?;
        let port = free_port()?;
        let mut serve = database.tool();
        serve.args(["serve", "--port", &port.to_string(), "--pool", &pool, "--bcrypt-rounds", "4"]);
        let bare = Server::start("bare", &mut serve, port, "/ready")?;
        std::thread::sleep(Duration::from_secs(1));
        let idle = [product.memory()?, bare.memory()?];
        Ok(Self { product, bare, idle, _database: database })
    }

    pub(crate) fn memory(&self) -> Result<Memory, Failure> {
        let [product, bare] = self.idle;
        Ok(Memory { product: [product, self.product.memory()?], bare: [bare, self.bare.memory()?] })
    }
}

/// The product, with these settings and none of the caller's: in `directory` lies no `.env`, and its keys go there.
pub(crate) fn product(binary: &Path, directory: &Path, database_url: &str) -> Command {
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
struct Database {
    url: String,
    tool: std::path::PathBuf,
}

impl Database {
    fn create(binaries: &Binaries, server_url: &str) -> Result<Self, Failure> {
        // Not a name that somebody has.
        let name = format!("usermgmt_bench_{}", std::process::id());
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
