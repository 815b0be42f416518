//! Scripts for shells, and the help that a person gets.

use std::path::Path;
use std::process::Command;

use rstest::rstest;

use crate::service::run;

#[rstest]
#[case("bash", "complete -F _usermgmt")]
#[case("zsh", "#compdef usermgmt")]
#[case("fish", "complete -c usermgmt")]
#[case("elvish", "edit:completion:arg-completer[usermgmt]")]
#[case("powershell", "Register-ArgumentCompleter")]
fn every_shell_has_its_script(#[case] shell: &str, #[case] holds: &str) {
    let folder = tempfile::tempdir().unwrap();
    // Before there are settings, and where those that there are cannot be.
    let script = run(folder.path(), &[("PORT", "nonsense")], &["completions", shell]);
    assert_eq!((script.code, script.stderr.as_str()), (Some(0), ""));
    assert!(script.stdout.contains(holds), "{shell}");
    for word in ["set-password", "migrate", "password-stdin"] {
        assert!(script.stdout.contains(word), "{word} for {shell}");
    }
}

#[test]
fn bash_takes_its_script() {
    let folder = tempfile::tempdir().unwrap();
    let script = run(folder.path(), &[], &["completions", "bash"]).stdout;
    let asked =
        "COMP_WORDS=(usermgmt users set-role 1 mod); COMP_CWORD=4; _usermgmt usermgmt mod 1; echo \"${COMPREPLY[@]}\"";
    let output = Command::new("bash").args(["-c", &format!("{script}\n{asked}")]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "moderator\n", "{output:?}");
}

#[rstest]
fn wrong_usage_is_exit_code_2(
    #[values(
        "nonsense",
        "users",
        "users nonsense",
        "users create --username ann",
        "users create --username ann --email a@b.de --password secret",
        "users get",
        "users set-role 1 root",
        "users list --limit 101",
        "users list --sort password_hash",
        "users list --created-after yesterday",
        "users list --active --inactive",
        "completions cmd"
    )]
    arguments: &str,
) {
    let folder = tempfile::tempdir().unwrap();
    let arguments: Vec<_> = arguments.split(' ').collect();
    let ended = run(folder.path(), &[], &arguments);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
    assert!(ended.stderr.contains("Usage:") || ended.stderr.contains("--help"), "{}", ended.stderr);
}

#[rstest]
#[case(&["help"], &["users", "completions", "Exit codes: 0 fine, 1 failed, 2 wrong usage", "Examples:"])]
#[case(&["help", "users"], &["create", "set-password", "restore"])]
#[case(&["users", "list", "--help"], &["--created-after", "Examples:", "--json"])]
#[case(&["users", "set-password", "--help"], &["standard input", "username:42"])]
fn help_is_there_and_no_failure(#[case] arguments: &[&str], #[case] holds: &[&str]) {
    let ended = run(Path::new("."), &[], arguments);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    for words in holds {
        assert!(ended.stdout.contains(words), "{words} in {}", ended.stdout);
    }
}
