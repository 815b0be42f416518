//! What is generated is what is committed.

use xtask::codegen::{Generated, check, drifted};

#[test]
fn the_generated_files_are_those_in_the_repository() {
    if let Err(error) = check() {
        panic!("{error}");
    }
}

#[test]
fn a_changed_and_an_absent_file_have_drifted() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("same"), "text").unwrap();
    std::fs::write(root.path().join("changed"), "text, edited by hand").unwrap();
    let files = ["same", "changed", "absent"].map(|path| Generated { path, text: "text".into() });
    let paths: Vec<_> = drifted(root.path(), files.into()).iter().map(|file| file.path).collect();
    assert_eq!(paths, ["changed", "absent"]);
}
