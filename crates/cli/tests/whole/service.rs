//! The binary, running in a folder of its own with settings of its own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use regex::Regex;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::database::Database;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is set unless a test sets something else: anybody may call, and hashing is as cheap as it gets.
pub(crate) const UNLESS_SET: [(&str, &str); 4] =
    [("AUTH_REQUIRED", "false"), ("BCRYPT_ROUNDS", "4"), ("PORT", "0"), ("LOG_FORMAT", "json")];

/// A command of the binary in `folder`, with nothing of this process's environment.
pub(crate) fn usermgmt(folder: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_usermgmt"));
    command.current_dir(folder).env_clear().envs(UNLESS_SET);
    command.envs(settings.iter().copied()).stdin(Stdio::null());
    command
}

/// What a command printed before it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Why it failed: fails itself unless that is exit code 1 and one line.
    #[track_caller]
    pub(crate) fn reason(&self) -> &str {
        assert_eq!(self.code, Some(1), "{self:?}");
        let line = self.stderr.strip_suffix('\n').expect("a line ends");
        assert!(!line.contains('\n'), "more than one line: {line}");
        line.strip_prefix("error: ").unwrap_or_else(|| panic!("not an error: {line}"))
    }
}

/// Runs a command of the binary to its end.
pub(crate) fn run(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let output = usermgmt(folder, settings).args(arguments).output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A running service. Dropping it kills it.
pub(crate) struct Service {
    child: Child,
    address: String,
    log: Arc<Mutex<Vec<String>>>,
    is_log_read: Arc<AtomicBool>,
    folder: Arc<TempDir>,
}

impl Service {
    /// Starts in a new folder, and returns once the service listens.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_in(&Arc::new(tempfile::tempdir().unwrap()), settings)
    }

    /// Starts in a folder that may hold what an earlier one left.
    pub(crate) fn start_in(folder: &Arc<TempDir>, settings: &[(&str, &str)]) -> Self {
        let mut service = Self::spawn(folder, settings);
        service.wait_until_it_listens();
        service
    }

    /// Starts on a database, in its folder.
    pub(crate) fn start_on(database: &Database, settings: &[(&str, &str)]) -> Self {
        let mut all = vec![("DATABASE_URL", database.url())];
        all.extend(settings);
        Self::start_in(database.folder(), &all)
    }

    /// Starts and waits for nothing: the service has no address yet.
    pub(crate) fn spawn(folder: &Arc<TempDir>, settings: &[(&str, &str)]) -> Self {
        let mut child = usermgmt(folder.path(), settings).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let is_log_read = Arc::new(AtomicBool::new(true));
        let (lines, go_on) = (Arc::clone(&log), Arc::clone(&is_log_read));
        let stderr = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || {
            let read = stderr.lines().map_while(Result::ok).take_while(|_| go_on.load(Ordering::Relaxed));
            read.for_each(|line| lines.lock().unwrap().push(line));
        });
        Self { child, address: String::new(), log, is_log_read, folder: Arc::clone(folder) }
    }

    /// Waits until it has said where it listens.
    pub(crate) fn wait_until_it_listens(&mut self) {
        self.address = self.wait_for("the address to be logged", Self::logged_address);
    }

    /// Waits until a logged line holds these words.
    pub(crate) fn wait_for_log(&mut self, words: &str) -> String {
        self.wait_for(words, |service| service.log().into_iter().find(|line| line.contains(words)))
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The address, such as `127.0.0.1:4711`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The port.
    pub(crate) fn port(&self) -> &str {
        self.address.rsplit_once(':').expect("an address has a port").1
    }

    /// The folder it runs in.
    pub(crate) fn folder(&self) -> &Arc<TempDir> {
        &self.folder
    }

    /// What it has logged so far, a line each.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// Closes the pipe of the log with the next line.
    pub(crate) fn stop_reading_the_log(&self) {
        self.is_log_read.store(false, Ordering::Relaxed);
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for the process to end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.wait_for("the service to end", |service| service.child.try_wait().unwrap())
    }

    /// Stops as an operator does, and returns all that was logged.
    pub(crate) fn stop(mut self) -> Vec<String> {
        self.signal(Signal::TERM);
        let status = self.wait();
        assert_eq!(status.code(), Some(0), "{:#?}", self.log());
        self.wait_for("the last line", |service| {
            service.log().last().is_some_and(|line| line.contains("stopped")).then(|| service.log())
        })
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
        let in_text = Regex::new(r"server\.address=(\S+)").unwrap();
        self.log().into_iter().find_map(|line| match serde_json::from_str::<Value>(&line) {
            Ok(line) => Some(line.get("server.address")?.as_str()?.to_owned()),
            Err(_) => Some(in_text.captures(&line)?[1].to_owned()),
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
