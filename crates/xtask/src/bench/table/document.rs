//! The part of `docs/PERFORMANCE.md` that is written by this tool, and its pictures.

use std::fmt::Write as _;
use std::path::Path;

use super::super::process::Failure;
use super::findings::{Chart, Findings};
use super::machine::Machine;
use super::{Setup, Table, svg};

const BEGIN: &str = "<!-- begin: written by `cargo xtask bench table --write` -->";
const END: &str = "<!-- end -->";

/// The text between the marks, but for the pictures.
pub(super) fn region(table: &Table, machine: &Machine, findings: &Findings, failures: &[String]) -> String {
    let Table { users, rounds, seconds, setup: Setup { connections, pool, .. }, .. } = table;
    let mut missing = String::new();
    for failure in failures {
        let _ = write!(missing, "\n\n**Not measured.** {failure}");
    }
    format!(
        "{}\n\n{users} users on MariaDB, made by an import; {connections} connections; a pool of {pool}; {rounds} rounds of \
         {seconds} s by turns in a closed loop. Measured are medians over the rounds.{missing}\n\n{}",
        machine.markdown(&table.setup.profile),
        findings.markdown()
    )
}

/// Puts the region and the pictures where they belong.
pub(super) fn write(root: &Path, region: &str, findings: &Findings) -> Result<(), Failure> {
    let mut text = format!("## Figures\n\n{region}");
    std::fs::create_dir_all(root.join("docs/img"))?;
    for chart in findings.charts.iter().chain(&ratios(findings)) {
        std::fs::write(root.join("docs/img").join(chart.file), &chart.svg)?;
        let _ = write!(text, "\n![{}](img/{})\n", chart.title, chart.file);
    }
    let path = root.join("docs/PERFORMANCE.md");
    let document = std::fs::read_to_string(&path)?;
    let missing = || Failure::Load("docs/PERFORMANCE.md has lost its marks".into());
    Ok(std::fs::write(path, replaced(&document, &text).ok_or_else(missing)?)?)
}

/// The picture of all ratios, if there are any.
fn ratios(findings: &Findings) -> Option<Chart> {
    let bars = findings.bars();
    let title = "Throughput to that of the least that could be done";
    (!bars.is_empty()).then(|| Chart { file: "ratios.svg", title: title.into(), svg: svg::bars(title, &bars) })
}

/// The document with this text between the marks.
fn replaced(document: &str, text: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_replaced() {
        let document = format!("# Before\n\n{BEGIN}\n\nold\n\n{END}\n\n# After\n");
        let once = replaced(&document, "new\n").unwrap();
        assert_eq!(once, format!("# Before\n\n{BEGIN}\n\nnew\n\n{END}\n\n# After\n"));
        assert_eq!(replaced(&once, "new").unwrap(), once);
    }

    #[test]
    fn a_document_without_marks_is_left_alone() {
        assert_eq!(replaced("# No marks\n", "new"), None);
        assert_eq!(replaced(BEGIN, "new"), None);
    }

    #[test]
    fn the_document_has_the_marks() {
        let path = super::super::super::root().join("docs/PERFORMANCE.md");
        let document = std::fs::read_to_string(path).unwrap();
        assert!(replaced(&document, "new").is_some());
    }
}
