//! `usermgmt keys`: changing the service's own keys.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use application::KeyRotation;
use settings::Loaded;

use super::{Failure, print};
use crate::arguments::KeysCommand;
use crate::database::Database;
use crate::{compose, kept_keys, logging};

/// Between two lines of progress.
const PACE: Duration = Duration::from_millis(200);

pub(super) fn run(loaded: &Loaded, command: KeysCommand) -> Result<(), Failure> {
    logging::start_quietly(loaded)?;
    let settings = &loaded.settings;
    compose::runtime()?.block_on(async {
        let database = Database::connect_current(settings).await?;
        kept_keys::keep(settings, &database).await?;
        let rotation = compose::desk(settings, &database)?.key_rotation;
        let done = match command {
            KeysCommand::Rotate => rotate(&rotation).await,
        };
        database.close().await;
        done
    })
}

/// To break off and begin again does no harm.
async fn rotate(rotation: &KeyRotation) -> Result<(), Failure> {
    let (mut rewrapped, mut unknown, mut after) = (0, 0, None);
    let mut line = CountLine::begin();
    loop {
        let part = rotation.run(after).await.map_err(|error| {
            Failure::because(&format!("after {} were wrapped anew, the next could not be", keys(rewrapped)), &error)
        })?;
        rewrapped += part.rewrapped;
        unknown += part.unknown;
        after = part.last;
        if after.is_none() {
            break;
        }
        line.show(rewrapped);
    }
    line.end();
    match rewrapped {
        0 if unknown > 0 => {}
        0 => print("nothing is left to do: ENCRYPTION_KEY wraps every key\n")?,
        _ => print(&format!("{} wrapped anew with ENCRYPTION_KEY\n", keys(rewrapped)))?,
    }
    if unknown > 0 {
        return Err(Failure::new(format!("{} cannot be opened: {}", keys(unknown), kept_keys::STILL_WRAPPED)));
    }
    Ok(())
}

fn keys(count: u64) -> String {
    if count == 1 { "1 key".to_owned() } else { format!("{count} keys") }
}

/// One line on a terminal that is written over and over; nothing elsewhere.
struct CountLine {
    is_shown: bool,
    begun: Instant,
    shown: Option<Instant>,
}

impl CountLine {
    fn begin() -> Self {
        Self { is_shown: std::io::stderr().is_terminal(), begun: Instant::now(), shown: None }
    }

    fn show(&mut self, done: u64) {
        if !self.is_shown || self.shown.is_some_and(|shown| shown.elapsed() < PACE) {
            return;
        }
        self.shown = Some(Instant::now());
        let millis = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let rate = done.saturating_mul(1_000) / millis;
        let _ = write!(std::io::stderr(), "\r\x1b[2K{done} keys wrapped anew, {rate}/s");
    }

    fn end(&self) {
        if self.shown.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[2K");
        }
    }
}
