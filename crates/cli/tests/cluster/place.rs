//! Where the cluster is, and how its parts are killed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long any part may take to come back.
const PATIENCE: Duration = Duration::from_mins(1);

/// The cluster that `scripts/cluster` has started.
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) replicas: Vec<String>,
    nodes: Vec<String>,
    folder: PathBuf,
}

impl Place {
    pub(crate) fn from_environment() -> Option<Self> {
        let list = |name| Some(variable(name)?.split(',').map(str::to_owned).collect());
        Some(Self {
            url: variable("CLUSTER_URL")?,
            replicas: list("CLUSTER_REPLICAS")?,
            nodes: list("CLUSTER_NODES")?,
            folder: variable("CLUSTER_DIR")?.into(),
        })
    }

    /// Ends a part, such as `galera-1`, as nothing can prepare for.
    pub(crate) fn kill(&self, part: &str) -> Instant {
        kill_process(Pid::from_raw(self.pid(part).unwrap()).unwrap(), Signal::KILL).unwrap();
        Instant::now()
    }

    /// Waits until a part that was killed is there again.
    pub(crate) fn wait_for(&self, part: &str, before: i32) -> Duration {
        let begun = Instant::now();
        let version = self.folder.join(format!("{part}.version"));
        let is_back = || self.pid(part).is_some_and(|pid| pid != before) && version.metadata().is_ok();
        while !is_back() {
            assert!(begun.elapsed() < PATIENCE, "{part} is not back");
            thread::sleep(Duration::from_millis(50));
        }
        begun.elapsed()
    }

    pub(crate) fn pid(&self, part: &str) -> Option<i32> {
        let ledger = fs::read_to_string(self.folder.join(format!("{part}.pid"))).ok()?;
        ledger.split(' ').next()?.parse().ok()
    }

    /// Runs a command of the binary on a node's database, and fails unless it succeeds.
    pub(crate) fn run_on(&self, node: usize, arguments: &[&str]) {
        let settings = fs::read_to_string(variable("CLUSTER_SETTINGS").unwrap()).unwrap();
        let settings = settings.lines().filter_map(|line| line.split_once('='));
        let mut command = Command::new(variable("CLUSTER_BINARY").unwrap());
        let folder = tempfile::tempdir().unwrap();
        command.env_clear().envs(settings).env("DATABASE_URL", &self.nodes[node]).current_dir(&folder).args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{arguments:?} on node {node}: {output:?}");
    }
}

#[expect(clippy::disallowed_methods, reason = "where the cluster is is no setting of the product")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
