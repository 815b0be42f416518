//! How far something that takes a while has come: a bar with rate and time left on a terminal, nothing elsewhere.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const TEMPLATE: &str = "{msg} {wide_bar} {human_pos} of {human_len}, {per_sec}, {eta} left";

const FILE: &str = "{prefix} {wide_bar} {percent}%, {msg}, {eta} left";
const STREAM: &str = "{prefix}: {bytes}, {msg}";

/// A bar on standard error, which goes away at the end.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Begins, of `total` if that is known.
    pub(crate) fn begin(what: &'static str, total: u64) -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        bar.set_style(ProgressStyle::with_template(TEMPLATE).expect("the template is well-formed"));
        bar.set_message(what);
        Self(bar)
    }

    /// Begins a file of so many bytes, if that is known.
    pub(crate) fn of_file(what: &'static str, bytes: Option<u64>) -> Self {
        let progress = Self::begin(what, bytes.unwrap_or(0));
        let template = if bytes.is_some() { FILE } else { STREAM };
        progress.0.set_style(ProgressStyle::with_template(template).expect("the template is well-formed"));
        progress.0.set_prefix(what);
        progress
    }

    /// Shows that so many bytes of a file are read, and how many records were in them.
    pub(crate) fn show_file(&self, bytes: u64, records: i64) {
        let seconds = self.0.elapsed().as_secs().max(1);
        let rate = u64::try_from(records).unwrap_or(0) / seconds;
        self.0.set_message(format!("{records} records, {rate}/s"));
        self.0.set_position(bytes);
    }

    /// Shows that so many are done, of so many.
    pub(crate) fn show(&self, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
