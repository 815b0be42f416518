//! Passwords: typed twice without an echo, or read from standard input, and never an argument.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::database::{Database, Kind};
use crate::service::run;
use crate::users::{done, with_input};

fn migrated() -> Database {
    let database = Kind::Sqlite.database().unwrap();
    let up = run(database.folder().path(), &[("DATABASE_URL", database.url())], &["migrate", "up"]);
    assert_eq!(up.code, Some(0), "{up:?}");
    database
}

/// A command on a terminal of its own, which `script` makes.
pub(crate) struct Terminal {
    script: Child,
    shown: Arc<Mutex<String>>,
}

impl Terminal {
    fn run(database: &Database, arguments: &str) -> Self {
        Self::run_line(database, &format!("{} {arguments}", env!("CARGO_BIN_EXE_usermgmt")))
    }

    /// What a shell would be told.
    pub(crate) fn run_line(database: &Database, line: &str) -> Self {
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--flush", "--echo", "never", "--command", line, "/dev/null"]);
        command.current_dir(database.folder().path()).env("DATABASE_URL", database.url()).env("BCRYPT_ROUNDS", "4");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut script = command.spawn().expect("`script` is part of util-linux");
        let mut output = script.stdout.take().unwrap();
        let shown = Arc::new(Mutex::new(String::new()));
        let screen = Arc::clone(&shown);
        thread::spawn(move || {
            let mut bytes = [0; 1024];
            while let Ok(read @ 1..) = output.read(&mut bytes) {
                screen.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..read]));
            }
        });
        Self { script, shown }
    }

    pub(crate) fn shown(&self) -> String {
        self.shown.lock().unwrap().clone()
    }

    pub(crate) fn wait_for(&self, text: &str) {
        let begun = Instant::now();
        while !self.shown().contains(text) {
            assert!(begun.elapsed() < Duration::from_secs(20), "no {text:?} in {:?}", self.shown());
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn type_in(&mut self, text: &str) {
        // Not before the echo is off, which follows the prompt.
        thread::sleep(Duration::from_millis(150));
        self.script.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Ends what runs until somebody wants it to end.
    pub(crate) fn interrupt(mut self) {
        self.type_in("\u{3}");
        self.end();
    }

    fn end(mut self) -> (Option<i32>, String) {
        let code = self.script.wait().unwrap().code();
        thread::sleep(Duration::from_millis(100));
        (code, self.shown())
    }
}

fn hashes(database: &Database) -> Vec<String> {
    database.rows("SELECT password_hash FROM users ORDER BY id")
}

#[test]
fn a_person_types_it_twice_and_it_is_not_shown() {
    let database = migrated();
    let mut terminal = Terminal::run(&database, "users create --username ann --email ann@example.com");
    terminal.wait_for("Password: ");
    terminal.type_in("correct horse battery\n");
    terminal.wait_for("The same again: ");
    terminal.type_in("correct horse battery\n");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("created ann <ann@example.com> (id 1, role user)"), "{shown}");
    assert!(!shown.contains("horse"), "{shown}");
    assert_eq!(hashes(&database).len(), 1);
}

#[test]
fn two_that_differ_do_nothing() {
    let database = migrated();
    with_input(&database, &["users", "create", "--username", "ann", "--email", "ann@example.com"], "correct horse");
    let before = hashes(&database);
    let mut terminal = Terminal::run(&database, "users set-password ann");
    terminal.wait_for("Password: ");
    terminal.type_in("correct horse battery\n");
    terminal.wait_for("The same again: ");
    terminal.type_in("correct horse batery\n");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("error: the two passwords are not the same"), "{shown}");
    assert_eq!(hashes(&database), before);
}

#[test]
fn nobody_types_a_password_for_what_is_refused_anyway() {
    let database = migrated();
    for arguments in ["users create --username a --email ann@example.com", "users set-password nobody"] {
        let (code, shown) = Terminal::run(&database, arguments).end();
        assert_eq!(code, Some(1), "{shown}");
        assert!(shown.contains("error: ") && !shown.contains("Password"), "{shown}");
    }
}

#[test]
fn giving_up_at_the_prompt_does_nothing() {
    let database = migrated();
    let mut terminal = Terminal::run(&database, "users create --username ann --email ann@example.com");
    terminal.wait_for("Password: ");
    terminal.type_in("\u{3}");
    let (code, shown) = terminal.end();
    assert_ne!(code, Some(0), "{shown}");
    assert_eq!(hashes(&database), [""; 0]);
}

#[test]
fn a_signal_at_the_prompt_leaves_a_terminal_that_shows_what_is_typed() {
    let database = migrated();
    let binary = env!("CARGO_BIN_EXE_usermgmt");
    let create = format!("{binary} users create --username ann --email ann@example.com < /dev/tty");
    for (by, code) in [("^C", 130), ("TERM", 143)] {
        // The shell goes on after its program was interrupted, and a program behind it does not hear of a ^C.
        let line = if by == "TERM" {
            format!("stty echo; {create} & echo pid=$!.started; wait $!; echo code=$?; stty -a; echo end.")
        } else {
            format!("trap : INT; stty echo; {create}; echo code=$?; stty -a; echo end.")
        };
        let mut terminal = Terminal::run_line(&database, &line);
        terminal.wait_for("Password: ");
        if by == "TERM" {
            terminal.wait_for(".started");
            let shown = terminal.shown();
            let (_, pid) = shown.split_once("pid=").unwrap();
            let pid = pid.split_once('.').unwrap().0.parse().unwrap();
            thread::sleep(Duration::from_millis(150));
            kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM).unwrap();
        } else {
            terminal.type_in("\u{3}");
        }
        terminal.wait_for("end.");
        let shown = terminal.end().1;
        assert!(shown.contains(&format!("code={code}\r")), "{by}: {shown}");
        assert!(shown.contains(" echo ") && !shown.contains("-echo "), "{by}: {shown}");
    }
    assert_eq!(hashes(&database), [""; 0]);
}

#[test]
fn standard_input_gives_it_up_to_one_newline() {
    let database = migrated();
    let ann = ["users", "create", "--username", "ann", "--email", "ann@example.com"];
    // Seven characters and a newline, which is not one of them; with a second newline there are eight.
    assert!(with_input(&database, &ann, "1234567\n").reason().starts_with("the password: "));
    done(with_input(&database, &ann, "1234567\n\n"));
    let flag = [&ann[..2], &["--username", "bob", "--email", "bob@example.com", "--password-stdin"]].concat();
    done(with_input(&database, &flag, "correct horse"));
    assert_eq!(hashes(&database).len(), 2);

    let before = hashes(&database);
    done(with_input(&database, &["users", "set-password", "ann"], "another horse\n"));
    assert_ne!(hashes(&database)[0], before[0]);
    for (input, why) in [("", "it is empty"), ("\n", "it is empty")] {
        let reason = format!("the password cannot be read from standard input: {why}");
        assert_eq!(with_input(&database, &["users", "set-password", "ann"], input).reason(), reason);
    }
}

#[test]
fn no_option_takes_a_password() {
    for command in ["create", "set-password"] {
        let help = run(std::path::Path::new("."), &[], &["users", command, "--help"]).stdout;
        let options: Vec<_> = help.split_whitespace().filter(|word| word.starts_with("--password")).collect();
        assert!(!options.is_empty() && options.iter().all(|option| *option == "--password-stdin"), "{help}");
    }
}
