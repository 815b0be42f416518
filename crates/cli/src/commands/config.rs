//! `usermgmt config`: look at the settings.

use std::fmt::Write as _;

use settings::Loaded;

use super::{Failure, print};
use crate::arguments::ConfigCommand;

/// Prints the settings, or just that they are well: whoever gets here has valid ones.
pub(super) fn run(loaded: &Loaded, command: ConfigCommand) -> Result<(), Failure> {
    match command {
        ConfigCommand::Check => print("the settings are well\n"),
        ConfigCommand::Show => print(&shown(loaded)),
    }
}

fn shown(loaded: &Loaded) -> String {
    let all = loaded.describe();
    let width = all.iter().map(|setting| setting.key.len() + setting.value.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for setting in all {
        let pair = format!("{}={}", setting.key, setting.value);
        let _ = writeln!(text, "{pair:width$}  # {}", setting.source, width = width.min(72) + 1);
    }
    text
}
