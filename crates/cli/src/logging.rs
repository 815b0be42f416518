//! Logs: JSON for machines, text for people.

use std::io::IsTerminal as _;

use settings::{Loaded, Settings};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::commands::Failure;

/// What others say in passing is said better by us, or not worth a line. The parser of HTTP heads logs every broken one
/// as an error: clients would fill the log.
const QUIET: &str = "actix_http::h1::dispatcher=off,actix_server=warn,sea_orm_migration=warn";

/// Starts logging to standard error as the settings say.
pub(crate) fn start(settings: &Settings) -> Result<(), Failure> {
    let to_a_terminal = std::io::stderr().is_terminal();
    begin(&settings.log_level.to_string(), settings.log_format.is_json(to_a_terminal))
}

/// The same beside a command that a person waits for: unless the settings ask for more, warnings alone, and as text.
pub(crate) fn start_quietly(loaded: &Loaded) -> Result<(), Failure> {
    let level_is_set =
        loaded.describe().iter().any(|setting| setting.key == "LOG_LEVEL" && setting.source != "default");
    let level = if level_is_set { loaded.settings.log_level.to_string() } else { "warn".to_owned() };
    begin(&level, loaded.settings.log_format.is_json(true))
}

fn begin(level: &str, as_json: bool) -> Result<(), Failure> {
    let directives = format!("{level},{QUIET}");
    let filter =
        EnvFilter::try_new(directives).map_err(|error| Failure::because("LOG_LEVEL cannot be used", &error))?;
    let to_a_terminal = std::io::stderr().is_terminal();
    // A line that cannot be written is lost: to complain about it on standard error would panic where nobody reads that.
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    // Use cases are spans at level debug: where they are on, each says at its end how long it took.
    let subscriber = subscriber.with_span_events(FmtSpan::CLOSE);
    if as_json {
        subscriber.json().flatten_event(true).with_current_span(true).with_span_list(false).init();
    } else {
        subscriber.with_target(false).with_ansi(to_a_terminal).init();
    }
    Ok(())
}
