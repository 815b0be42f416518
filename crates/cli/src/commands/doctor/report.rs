//! What was looked at, and what was found.

use std::fmt::Write as _;

use crate::table::Table;
use crate::terminal::visible_json;

/// How something that was looked at is.
pub(super) enum Finding {
    Ok(String),
    /// Worth knowing; nothing is broken.
    Warning(String),
    /// It was wrong, and is not any more.
    Mended(String),
    Problem(String),
}

/// Everything that was looked at, in order.
#[derive(Default)]
pub(super) struct Report(Vec<(&'static str, Finding)>);

impl Finding {
    fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Ok(text) => ("ok", text),
            Self::Warning(text) => ("warning", text),
            Self::Mended(text) => ("mended", text),
            Self::Problem(text) => ("problem", text),
        }
    }
}

impl Report {
    pub(super) fn add(&mut self, what: &'static str, finding: Finding) {
        self.0.push((what, finding));
    }

    pub(super) fn problems(&self) -> usize {
        self.0.iter().filter(|(_, finding)| matches!(finding, Finding::Problem(_))).count()
    }

    pub(super) fn table(&self) -> String {
        Table::new(["CHECK", "STATE", "DETAIL"]).lines(self.0.iter().map(|(what, finding)| {
            let (state, detail) = finding.parts();
            vec![(*what).to_owned(), state.to_owned(), detail.to_owned()]
        }))
    }

    /// `{"healthy": …, "checks": [{"check", "state", "detail"}]}`.
    pub(super) fn json(&self) -> String {
        let mut json = format!("{{\"healthy\":{},\"checks\":[", self.problems() == 0);
        for (index, (what, finding)) in self.0.iter().enumerate() {
            let (state, detail) = finding.parts();
            let comma = if index == 0 { "" } else { "," };
            let _ = write!(json, "{comma}{{\"check\":\"{what}\",\"state\":\"{state}\",\"detail\":{}}}", text(detail));
        }
        visible_json((json + "]}").into_bytes()) + "\n"
    }
}

/// A text as JSON; its control characters are escaped later.
fn text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
