//! Servers to test on.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use infra_cache::{RedisHealth, RedisLink};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::time::sleep;

#[expect(clippy::disallowed_methods, reason = "switches of the tests, not settings of the product")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The server that the environment names, or why there is none.
pub(crate) fn named_server() -> Result<String, String> {
    variable("TEST_REDIS_URL").ok_or_else(|| "TEST_REDIS_URL is not set".to_owned())
}

/// The program that is a server if it is called so, or why there is none. Debian has it under another name, too.
pub(crate) fn private_program() -> Result<&'static str, String> {
    let runs = |program: &&str| {
        let mut command = Command::new(program);
        let called = command.arg0("redis-server").arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        called.status().is_ok_and(|status| status.success())
    };
    ["redis-server", "redis-check-rdb"]
        .into_iter()
        .find(runs)
        .ok_or_else(|| "there is no program redis-server".to_owned())
}

/// A server of one test. It ends with it.
pub(crate) struct PrivateServer {
    process: Child,
    pub(crate) port: u16,
    arguments: Vec<String>,
    directory: TempDir,
}

impl PrivateServer {
    /// Started with these arguments beside those that keep it private.
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let port = free_port();
        let mut server = Self::prepare(port, arguments);
        server.start_again().await;
        server
    }

    /// With nothing that answers yet. Its first process is one that has ended.
    pub(crate) fn prepare(port: u16, arguments: &[&str]) -> Self {
        let directory = TempDir::new().unwrap();
        let process = Command::new("true").spawn().unwrap();
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Self { process, port, arguments, directory }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Gives it these arguments, too, when it starts.
    pub(crate) fn also(&mut self, arguments: &[&str]) {
        self.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
    }

    /// Starts it, on its port, and waits until it takes connections.
    pub(crate) async fn start_again(&mut self) {
        let _ = self.process.wait();
        let port = self.port.to_string();
        let mut command = Command::new(private_program().unwrap());
        command.arg0("redis-server").args(["--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "no"]);
        command.arg("--dir").arg(self.directory.path()).args(&self.arguments);
        self.process = command.stdout(Stdio::null()).spawn().unwrap();
        let port = self.port;
        until("the server takes connections", async || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()).await;
    }

    /// Lets it stand still, connections and all.
    pub(crate) fn stop(&self) {
        self.signal(Signal::STOP);
    }

    pub(crate) fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    pub(crate) fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.process.wait().unwrap();
    }

    /// A connection beside those that are tested.
    pub(crate) async fn connection(&self) -> redis::aio::MultiplexedConnection {
        connection(&self.url()).await
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.process);
        kill_process(pid, signal).unwrap();
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) async fn connection(url: &str) -> redis::aio::MultiplexedConnection {
    redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap()
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until this is so; not for ever.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(20), "waited in vain: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until the link is up, and says for how long.
pub(crate) async fn until_ok(link: &RedisLink) -> Duration {
    let begun = Instant::now();
    until("the link is up", async || link.health() == RedisHealth::Ok).await;
    begun.elapsed()
}
