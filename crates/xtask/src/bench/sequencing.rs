//! Events get their places while as many are written as an import can.

use std::path::Path;
use std::process::{Command, Stdio};

use super::clients::{Numbers, numbers};
use super::moving::write_users;
use super::process::{Failure, Finished, Server, free_port, say, succeed, watch};
use super::targets::{Database, open_product};
use super::{Bench, Binaries};

/// What was written, and how the chain followed.
#[derive(Debug)]
pub(crate) struct Measured {
    events: u32,
    import: Finished,
    placed: Numbers,
}

/// A service beside an import, on MariaDB.
pub(crate) fn measure(binaries: &Binaries, server: &str, bench: &Bench, scratch: &Path) -> Result<Measured, Failure> {
    let events = bench.imported_users / 10;
    let file = scratch.join("events.csv");
    write_users(&file, events)?;
    let database = Database::create(binaries, server)?;
    let product = || open_product(&binaries.product, scratch, &database.url);
    succeed(product().args(["migrate", "up"]).stdout(Stdio::null()))?;
    let port = free_port()?;
    let _service = Server::start("product", product().env("PORT", port.to_string()).arg("serve"), port, "/ready")?;
    say(&format!("sequencing {events} events while they are written"));
    let mut lag = Command::new(&binaries.bulk);
    lag.args(["--database-url", &database.url, "lag", "--events", &events.to_string()]);
    let lag = lag.stdout(Stdio::piped()).spawn()?;
    let import = watch(product().arg("users").arg("import").arg(&file).stdout(Stdio::null()));
    let said = String::from_utf8_lossy(&lag.wait_with_output()?.stdout).into_owned();
    let placed = numbers(&said).ok_or(Failure::Load(said))?;
    Ok(Measured { events, import: import?, placed })
}

/// The table.
pub(crate) fn markdown(Measured { events, import, placed }: &Measured) -> String {
    format!(
        "| sequencing on MariaDB, {events} events | per second | the last event's age, p50 ms | at most ms |\n|---|---:|---:|---:|\n\
         | written, by an import | {:.0} | | |\n| placed in the chain meanwhile | **{:.0}** | {:.0} | {:.0} |\n",
        f64::from(*events) / import.seconds,
        placed.get("placed") / placed.get("seconds"),
        placed.get("age_p50"),
        placed.get("age_max"),
    )
}
