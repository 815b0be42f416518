//! The README's tour: its commands are run, and what they print is what it says.
//!
//! `UPDATE_README=1 cargo test` writes down what they print now.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use regex::Regex;

use crate::environment::variable;
use crate::service::Service;

const ADDRESS: &str = "127.0.0.1:8000";

#[test]
fn the_tour_in_the_readme_is_true() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let written = fs::read_to_string(&path).unwrap();
    let service = Service::start(&[]);
    let played = play(&written, service.address());
    if variable("UPDATE_README").is_some() {
        fs::write(&path, &played).unwrap();
    }
    assert_eq!(steady(&written), steady(&played), "run again with UPDATE_README=1 and look at the difference");
}

/// The text, with the output of every command in a `console` block as it is now.
fn play(text: &str, address: &str) -> String {
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
        played.extend(run(&command, address).trim_end_matches('\n').lines().map(str::to_owned));
    }
    played.join("\n") + "\n"
}

fn run(command: &str, address: &str) -> String {
    let output = Command::new("sh").args(["-c", &command.replace(ADDRESS, address)]).output().unwrap();
    assert!(output.status.success(), "{command} failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().replace(address, ADDRESS).replace('\r', "")
}

/// The text without what is another each time: ids and times.
fn steady(text: &str) -> String {
    let replacements = [
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>"),
        (r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", "<time>"),
        (r#""request_id":"[^"]+""#, r#""request_id":"<id>""#),
        (r#""next_cursor":"[^"]+""#, r#""next_cursor":"<cursor>""#),
    ];
    replacements.iter().fold(text.to_owned(), |text, (pattern, replacement)| {
        Regex::new(pattern).unwrap().replace_all(&text, *replacement).into_owned()
    })
}

#[test]
fn a_wrong_answer_in_the_tour_would_be_seen() {
    let text = "```console\n$ echo 127.0.0.1:8000 \\\n  b\nwrong\n```\n";
    assert_eq!(play(text, "host:1"), "```console\n$ echo 127.0.0.1:8000 \\\n  b\n127.0.0.1:8000 b\n```\n");
}
