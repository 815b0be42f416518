//! Where a table was measured, and what: without that its numbers say nothing.

use std::process::Command;
use std::thread::available_parallelism;

use super::super::process::{Failure, said_by};
use super::Run;

/// The machine and the programs.
#[derive(Debug)]
pub(super) struct Machine {
    cores: usize,
    processor: String,
    memory: String,
    mariadb: String,
    rust: String,
    commit: String,
    date: String,
}

impl Machine {
    pub(super) fn look(run: &Run<'_>) -> Result<Self, Failure> {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let mut ask = Command::new(&run.binaries.bulk);
        ask.args(["--database-url", run.server_url, "ask", "SELECT VERSION()"]);
        let version = said_by(&mut ask)?;
        let in_root = |program: &str, arguments: &[&str]| {
            said_by(Command::new(program).args(arguments).current_dir(super::super::root()))
        };
        let is_changed = !in_root("git", &["status", "--porcelain", "--untracked-files=no"])?.is_empty();
        let commit = in_root("git", &["rev-parse", "--short", "HEAD"])?;
        Ok(Self {
            cores: available_parallelism()?.get(),
            processor: value_of(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".into()),
            memory: gibibytes(&read("/proc/meminfo")).unwrap_or_else(|| "unknown".into()),
            mariadb: version.trim_start_matches("RESULT ").to_owned(),
            rust: in_root("rustc", &["--version"])?,
            commit: if is_changed { format!("{commit} and changes") } else { commit },
            date: in_root("date", &["-u", "+%Y-%m-%d"])?,
        })
    }

    pub(super) fn markdown(&self, profile: &str) -> String {
        let Self { cores, processor, memory, mariadb, rust, commit, date } = self;
        format!(
            "Measured on {date} at commit {commit}, profile {profile}: {cores} cores ({processor}), shared by the load \
             generator, the servers and the database; {memory} of memory; MariaDB {mariadb}; {rust}."
        )
    }
}

/// What stands behind this name and a colon.
fn value_of(text: &str, name: &str) -> Option<String> {
    let value = |line: &str| Some(line.strip_prefix(name)?.trim_start().strip_prefix(':')?.trim().to_owned());
    text.lines().find_map(value)
}

fn gibibytes(meminfo: &str) -> Option<String> {
    let kibibytes: f64 = value_of(meminfo, "MemTotal")?.strip_suffix(" kB")?.parse().ok()?;
    Some(format!("{:.1} GiB", kibibytes / f64::from(1024 * 1024)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_files_are_read_by_name() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Some CPU @ 2.00GHz\nmodel name\t: Another\n";
        assert_eq!(value_of(cpuinfo, "model name").as_deref(), Some("Some CPU @ 2.00GHz"));
        assert_eq!(gibibytes("MemTotal:        8388608 kB\nMemFree: 1 kB\n").as_deref(), Some("8.0 GiB"));
        assert_eq!(value_of(cpuinfo, "model"), None);
    }
}
