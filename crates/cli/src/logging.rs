//! Logs: JSON for machines, text for people.

use std::io::IsTerminal as _;

use settings::{LogFormat, Settings};
use tracing_subscriber::EnvFilter;

use crate::commands::Failure;

/// Starts logging to standard error as the settings say.
pub(crate) fn start(settings: &Settings) -> Result<(), Failure> {
    // The parser of HTTP heads logs every broken one as an error: clients would fill the log.
    let directives = format!("{},actix_http::h1::dispatcher=off", settings.log_level);
    let filter = EnvFilter::try_new(directives).map_err(|error| Failure::because("LOG_LEVEL cannot be used", &error))?;
    let json = match settings.log_format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    };
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        subscriber.json().flatten_event(true).with_current_span(false).with_span_list(false).init();
    } else {
        subscriber.with_target(false).with_ansi(std::io::stderr().is_terminal()).init();
    }
    Ok(())
}
