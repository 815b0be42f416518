//! What the documents point at is there.

use std::path::{Path, PathBuf};

use xtask::docs::{Document, documents, untrue};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn paths_links_and_snippets_of_the_documents_are_true() {
    let documents = documents(&root()).expect("the documents can be read");
    let names: Vec<_> = documents.iter().map(|document| document.path.to_string_lossy().into_owned()).collect();
    for expected in ["README.md", "CONTRIBUTING.md", "SECURITY.md", "PLANNING.md", "docs/DEVELOPER_GUIDE.md"] {
        assert!(names.iter().any(|name| name == expected), "{expected} is not among {names:?}");
    }
    let untrue: Vec<_> = documents.iter().flat_map(|document| untrue(&root(), document)).collect();
    assert!(untrue.is_empty(), "{}", untrue.join("\n"));
}

fn said_of(text: &str) -> Vec<String> {
    let root = tempfile::tempdir().expect("the system has room for a scratch directory");
    for (path, text) in [
        ("crates/a/src/lib.rs", "fn one() {\n    two();\n    three();\n}\n\nfn this_one_is_there() {}\n"),
        ("docs/OTHER.md", "# Other\n\n## What it's for\n"),
    ] {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it lies in a directory")).expect("the directory is ours");
        std::fs::write(path, text).expect("the directory is ours");
    }
    untrue(root.path(), &Document { path: "docs/THIS.md".into(), text: text.to_owned() })
}

#[test]
fn what_is_there_passes() {
    let text = "# This\nSee [it](OTHER.md), [why](OTHER.md#what-its-for), [here](#this), [there](https://a.b/c.md) and\n\
                `crates/a/src/lib.rs`: `this_one_is_there`, crates/a/.\n\
                Not meant: `of_no_file_at_all`, `crates/infra-mine/src`, `crates/*/src`, `/docs/x`.\n\
                ```rust\n// crates/a/src/lib.rs\nfn one() {\n    …\n    three();\n```\n";
    assert_eq!(said_of(text), [] as [&str; 0]);
}

#[test]
fn each_thing_that_is_not_so_is_named() {
    for (text, said) in [
        ("`crates/b/src/lib.rs`", "no such path: crates/b/src/lib.rs"),
        ("run ./scripts/absent now", "no such path: scripts/absent"),
        ("`crates/a/src/lib.rs`: `this_one_is`", "no such test in crates/a/src/lib.rs: this_one_is"),
        (
            "`crates/a/src/lib.rs`: `this_one_is_there`, `it_is_not_there`",
            "no such test in crates/a/src/lib.rs: it_is_not_there",
        ),
        ("[it](ABSENT.md)", "a link to nothing: ABSENT.md"),
        ("[it](OTHER.md#absent)", "a link to no heading: OTHER.md#absent"),
        ("[it](#absent)", "a link to no heading: #absent"),
        ("\n```rust\n// crates/a/src/absent.rs\nx\n```\n", "a snippet of no file: crates/a/src/absent.rs"),
        ("\n```rust\n// crates/a/src/lib.rs\ntwo(2);\n```\n", "a snippet that is not in crates/a/src/lib.rs: two(2);"),
        (
            "\n```rust\n// crates/a/src/lib.rs\nthree();\ntwo();\n```\n",
            "a snippet that is not in crates/a/src/lib.rs: two();",
        ),
    ] {
        let found = said_of(text);
        assert!(found.contains(&format!("docs/THIS.md: {said}")), "{text:?} gave {found:?}");
    }
}
