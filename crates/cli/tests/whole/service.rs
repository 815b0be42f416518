//! The binary, running in a folder of its own with settings of its own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A command of the binary in `folder`: nothing of this process's environment but `PATH`, hashing as cheap as it gets.
pub(crate) fn usermgmt(folder: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_usermgmt"));
    command.current_dir(folder).env_clear().env("BCRYPT_ROUNDS", "4").env("PORT", "0").env("LOG_FORMAT", "json");
    command.envs(settings.iter().copied()).stdin(Stdio::null());
    command
}

/// A running service. Dropping it kills it.
pub(crate) struct Service {
    child: Child,
    address: String,
    log: Arc<Mutex<Vec<String>>>,
    folder: Arc<TempDir>,
}

impl Service {
    /// Starts in a new folder, and returns once the service is ready.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_in(&Arc::new(tempfile::tempdir().unwrap()), settings)
    }

    /// Starts in a folder that may hold what an earlier one left.
    pub(crate) fn start_in(folder: &Arc<TempDir>, settings: &[(&str, &str)]) -> Self {
        let mut child = usermgmt(folder.path(), settings).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, stderr) = (Arc::clone(&log), BufReader::new(child.stderr.take().unwrap()));
        thread::spawn(move || stderr.lines().map_while(Result::ok).for_each(|line| lines.lock().unwrap().push(line)));
        let mut service = Self { child, address: String::new(), log, folder: Arc::clone(folder) };
        service.address = service.wait_for("the address to be logged", |service| service.logged_address());
        service
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The address, such as `127.0.0.1:4711`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The folder it runs in.
    pub(crate) fn folder(&self) -> &Arc<TempDir> {
        &self.folder
    }

    /// What it has logged so far, a line each.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The process's number.
    pub(crate) fn pid(&self) -> i32 {
        self.child.id().try_into().unwrap()
    }

    /// Waits for the process to end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.wait_for("the service to end", |service| service.child.try_wait().unwrap())
    }

    fn wait_for<T>(&mut self, what: &str, mut check: impl FnMut(&mut Self) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = check(self) {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "gave up waiting for {what}; the log: {:#?}", self.log());
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn logged_address(&mut self) -> Option<String> {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("the service ended with {status}; its log: {:#?}", self.log());
        }
        let addresses = self.log().into_iter().filter_map(|line| {
            let line: Value = serde_json::from_str(&line).ok()?;
            Some(line.get("server.address")?.as_str()?.to_owned())
        });
        addresses.last()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
