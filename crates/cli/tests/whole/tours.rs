//! The tours in the documents: their commands are run, and what they print is what the documents say.
//!
//! `UPDATE_TOURS=1 cargo test` writes down what they print now.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use regex::Regex;
use rstest::rstest;

use crate::database::Kind;
use crate::environment::variable;
use crate::service::Service;

const ADDRESS: &str = "127.0.0.1:8000";

#[rstest]
fn the_tour_in_the_readme_is_true(#[values(Kind::Sqlite, Kind::MariaDb, Kind::MySql, Kind::Postgres)] kind: Kind) {
    let Some(database) = kind.database() else { return };
    let service = Service::start_on(&database, &[("AUTH_REQUIRED", "true")]);
    let address = service.address();
    let mut shell = Shell::start(database.folder().path());
    assert_true("README.md", |command| {
        shell.run(&command.replace(ADDRESS, address)).replace(address, ADDRESS).replace('\r', "")
    });
}

/// One shell for a whole tour: what a command puts into a variable is there for the next.
struct Shell {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Shell {
    /// What is printed when a command has ended, and its exit code.
    const END: &str = "-- end of the command: ";

    fn start(folder: &Path) -> Self {
        let mut command = Command::new("sh");
        let mut child = command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// What a command prints; fails if it does.
    fn run(&mut self, command: &str) -> String {
        // An answer does not end with a newline.
        let line = format!("{command}\nprintf '\\n{}%s\\n' $?\n", Self::END);
        self.child.stdin.as_mut().unwrap().write_all(line.as_bytes()).unwrap();
        let mut printed = String::new();
        loop {
            let begin = printed.len();
            assert_ne!(self.output.read_line(&mut printed).unwrap(), 0, "the shell ended: {command}");
            if let Some(code) = printed[begin..].strip_prefix(Self::END) {
                assert_eq!(code, "0\n", "{command}");
                printed.truncate(begin - 1);
                return printed;
            }
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_tour_of_the_command_line_is_true() {
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_usermgmt")).parent().unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", program.display());
    assert_true("docs/CLI.md", |command| {
        // Remarks go to standard error, and belong to what a person sees.
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec 2>&1\n{command}")]).current_dir(folder.path()).stdin(Stdio::null());
        let output = shell.env_clear().envs([("PATH", path.as_str()), ("BCRYPT_ROUNDS", "4")]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    });
}

#[track_caller]
fn assert_true(document: &str, run: impl FnMut(&str) -> String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(document);
    let written = fs::read_to_string(&path).unwrap();
    let played = play(&written, run);
    if variable("UPDATE_TOURS").is_some() {
        fs::write(&path, &played).unwrap();
        return;
    }
    assert_eq!(steady(&written), steady(&played), "run again with UPDATE_TOURS=1 and look at the difference");
}

/// The text, with the output of every command in a `console` block as it is now.
fn play(text: &str, mut run: impl FnMut(&str) -> String) -> String {
    let mut played: Vec<String> = Vec::new();
    let mut lines = text.lines();
    let mut in_console = false;
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            in_console = line == "```console";
        }
        if !in_console || line == "```console" {
            played.push(line.to_owned());
            continue;
        }
        // What a command has printed before is dropped.
        let Some(command) = line.strip_prefix("$ ") else { continue };
        let mut command = vec![command];
        while command.last().is_some_and(|line| line.ends_with('\\')) {
            command.push(lines.next().expect("a command that goes on has another line"));
        }
        let command = command.join("\n");
        played.push(format!("$ {command}"));
        played.extend(run(&command).trim_end_matches('\n').lines().map(str::to_owned));
    }
    played.join("\n") + "\n"
}

/// The text without what is another each time: ids and times.
fn steady(text: &str) -> String {
    let replacements = [
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>"),
        (r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "<time>"),
        (r"answered in [0-9.]+ ms", "answered in <time>"),
        (r#""request_id":"[^"]+""#, r#""request_id":"<id>""#),
        (r#""next_cursor":"[^"]+""#, r#""next_cursor":"<cursor>""#),
    ];
    replacements.iter().fold(text.to_owned(), |text, (pattern, replacement)| {
        Regex::new(pattern).unwrap().replace_all(&text, *replacement).into_owned()
    })
}

#[test]
fn a_wrong_answer_in_a_tour_would_be_seen() {
    let text = "```console\n$ echo a \\\n  b\nwrong\n```\n";
    assert_eq!(play(text, |_| "right".to_owned()), "```console\n$ echo a \\\n  b\nright\n```\n");
}
