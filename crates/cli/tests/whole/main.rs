//! The real binary, over the network: start, signals, settings, migrations, journeys, and the README's commands.

mod readme;
mod service;
