use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use settings::{env_example, settings_markdown};

use crate::place::place;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// `UPDATE_GENERATED=1` writes the file instead of comparing it.
fn is_generated(name: &str, content: &str) {
    if option_env!("UPDATE_GENERATED").is_some() {
        fs::write(root().join(name), content).expect("the work tree is writable");
    }
    let there = fs::read_to_string(root().join(name)).expect("the document is there");
    assert_eq!(there, content, "{name} is made from the table of settings: run this test with UPDATE_GENERATED=1");
}

#[test]
fn the_documents_agree_with_the_table() {
    is_generated(".env.example", &env_example());
    is_generated("docs/SETTINGS.md", &settings_markdown());
}

#[test]
fn the_example_taken_at_its_word_changes_nothing() {
    let assignments: String = env_example()
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| {
            line.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let taken = place().dotenv(&assignments);
    let names: BTreeSet<_> =
        assignments.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    assert_eq!(names, place().load().describe().iter().map(|shown| shown.key).collect());
    assert_eq!(format!("{:?}", taken.settings()), format!("{:?}", place().settings()));
}

#[test]
fn every_row_of_the_table_has_four_cells() {
    let rows: Vec<_> = settings_markdown().lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
    assert_eq!(rows.len(), place().load().describe().len());
    for row in rows {
        assert_eq!(row.matches(" |").count(), 4, "{row}");
    }
}
