//! What was found: lines with aims, details below them, and charts.

use std::fmt::Write as _;

use super::super::crud::{self, Measured};
use super::super::report::Ratio;

/// What is to be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Aim {
    AtLeast(f64),
    AtMost(f64),
    /// It is only told.
    None,
}

/// A line of the table.
#[derive(Debug, Clone)]
pub(super) struct Line {
    what: String,
    measured: f64,
    unit: &'static str,
    spread: Option<[f64; 2]>,
    aim: Aim,
}

/// A picture that belongs to the table.
#[derive(Debug)]
pub(super) struct Chart {
    /// In `docs/img`.
    pub(super) file: &'static str,
    /// What a reader who cannot see it is told.
    pub(super) title: String,
    pub(super) svg: String,
}

/// All that was found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) lines: Vec<Line>,
    pub(super) requests: Vec<Measured>,
    /// Tables and remarks, in Markdown.
    pub(super) details: Vec<String>,
    pub(super) charts: Vec<Chart>,
}

impl Findings {
    /// A ratio of medians over the rounds.
    pub(super) fn ratio(&mut self, what: impl Into<String>, ratio: Ratio, aim: Aim) {
        let spread = Some([ratio.least, ratio.most]);
        self.lines.push(Line { what: what.into(), measured: ratio.median, unit: "", spread, aim });
    }

    /// Something that was measured once, or is a median already.
    pub(super) fn figure(&mut self, what: impl Into<String>, measured: f64, unit: &'static str, aim: Aim) {
        self.lines.push(Line { what: what.into(), measured, unit, spread: None, aim });
    }

    /// Ratios of requests in a second with an aim to reach, for a chart: name, ratio, aim.
    pub(super) fn bars(&self) -> Vec<(String, f64, f64)> {
        let bar = |line: &Line| match line.aim {
            // A ratio of another kind would make the others too small to see.
            Aim::AtLeast(aim) if line.unit.is_empty() && aim <= 1.0 => Some((line.what.clone(), line.measured, aim)),
            _ => None,
        };
        self.lines.iter().filter_map(bar).collect()
    }

    /// The table, and what is known besides.
    pub(super) fn markdown(&self) -> String {
        let mut text = "| | measured | from round to round | aim | |\n|---|---:|---:|---:|---|\n".to_owned();
        for line in &self.lines {
            let _ = writeln!(text, "{}", line.markdown());
        }
        if !self.requests.is_empty() {
            text.push_str("\n### In a closed loop\n\n");
            text += &crud::markdown(&self.requests);
        }
        for detail in &self.details {
            text.push('\n');
            text += detail;
        }
        text
    }
}

impl Line {
    fn verdict(&self) -> &'static str {
        match self.aim {
            Aim::AtLeast(aim) if self.measured >= aim => "reached",
            Aim::AtMost(aim) if self.measured <= aim => "reached",
            Aim::None => "",
            Aim::AtLeast(_) | Aim::AtMost(_) => "**missed**",
        }
    }

    fn markdown(&self) -> String {
        let Self { what, measured, unit, .. } = self;
        let spread = self.spread.map(|[least, most]| format!("{} … {}", short(least), short(most))).unwrap_or_default();
        let aim = match self.aim {
            Aim::AtLeast(aim) => format!("≥ {}{unit}", short(aim)),
            Aim::AtMost(aim) => format!("≤ {}{unit}", short(aim)),
            Aim::None => String::new(),
        };
        format!("| {what} | **{}{unit}** | {spread} | {aim} | {} |", short(*measured), self.verdict())
    }
}

/// A number with as many places as it needs: about three digits that count.
pub(super) fn short(number: f64) -> String {
    match number.abs() {
        size if size >= 100.0 => format!("{number:.0}"),
        size if size >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_whether_its_aim_was_reached() {
        let mut findings = Findings::default();
        let ratio = Ratio { median: 0.912, least: 0.88, most: 0.95 };
        findings.ratio("get", ratio, Aim::AtLeast(0.9));
        findings.ratio("page", ratio, Aim::AtLeast(0.95));
        findings.figure("p99", 12.34, " ms", Aim::AtMost(10.0));
        findings.figure("hits", 81.0, " %", Aim::None);
        let text = findings.markdown();
        let lines: Vec<_> = text.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "| get | **0.91** | 0.88 … 0.95 | ≥ 0.90 | reached |",
                "| page | **0.91** | 0.88 … 0.95 | ≥ 0.95 | **missed** |",
                "| p99 | **12.3 ms** |  | ≤ 10.0 ms | **missed** |",
                "| hits | **81.0 %** |  |  |  |",
            ]
        );
    }

    #[test]
    fn what_could_not_be_measured_is_missed() {
        let mut findings = Findings::default();
        findings.figure("p99", f64::NAN, " ms", Aim::AtMost(10.0));
        assert!(findings.markdown().contains("**missed**"));
    }

    #[test]
    fn only_ratios_of_the_same_kind_are_drawn() {
        let mut findings = Findings::default();
        let ratio = Ratio { median: 0.9, least: 0.9, most: 0.9 };
        findings.ratio("get", ratio, Aim::AtLeast(0.9));
        findings.ratio("FastAPI", ratio, Aim::AtLeast(25.0));
        findings.figure("memory", 30.0, " MiB", Aim::AtMost(40.0));
        assert_eq!(findings.bars(), [("get".to_owned(), 0.9, 0.9)]);
    }
}
