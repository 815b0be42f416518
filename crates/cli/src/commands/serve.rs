//! `usermgmt serve`: the service itself, from start to stop.

use std::net::{SocketAddr, TcpListener};
use std::pin::pin;

use api_actix::Server;
use migration::MigrateError;
use settings::{Loaded, Settings};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;
use tracing::{info, warn};

use super::Failure;
use crate::audit_protection::AuditProtection;
use crate::bootstrap::first_administrator;
use crate::database::{Database, migration_failed};
use crate::jobs::Jobs;
use crate::numbers::Numbers;
use crate::{administrators, compose, kept_keys, logging};

pub(super) fn run(loaded: &Loaded) -> Result<(), Failure> {
    let settings = &loaded.settings;
    logging::start(settings)?;
    for key in &loaded.not_supported_yet {
        warn!("{key} is set, but this version does not support it yet: it has no effect");
    }
    // Before anything counts.
    let numbers = Numbers::record()?;
    compose::runtime()?.block_on(serve(settings, numbers))
}

async fn serve(settings: &Settings, numbers: Numbers) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    let (database, is_current) = tokio::select! {
        database = database(settings) => database?,
        () = signals.next() => return Ok(()),
    };
    // A database that lacks the table is asked at the first start after its migrations.
    if is_current {
        kept_keys::keep(settings, &database).await?;
    }
    let protection = AuditProtection::of(&database);
    protection.look().await;
    let copy = Database::read_replica(settings).await?;
    let parts = compose::served(settings, &database, copy.as_ref()).await?;
    if is_current {
        kept_keys::check_peoples_keys(&parts.use_cases.key_rotation).await?;
    }
    let listener = listen(settings.listen_address())?;
    if settings.auth_required && is_current {
        first_administrator(settings, &parts.use_cases.authentication, &*parts.secrets).await?;
        if administrators::active(&*database.queries()).await.is_ok_and(|active| active == 0) {
            warn!("no administrator is active, so nobody can let others in; run `usermgmt users create --role admin`");
        }
    }
    let services = compose::services(settings, &database, &parts, &protection, &numbers);
    let server = Server::bind(compose::api_config(settings), services, listener)
        .map_err(|error| Failure::because("the server cannot be started", &error))?;
    let server = match settings.metrics_address() {
        Some(address) => with_metrics_at(address, server, &numbers)?,
        None => server,
    };
    let address = server.addresses().first().copied().unwrap_or_else(|| settings.listen_address());
    if !settings.auth_required {
        warn!("AUTH_REQUIRED=false: everybody who reaches {address} is an administrator");
    }
    let base = settings.api_base_paths.first().map(ToString::to_string).unwrap_or_default();
    info!(server.address = %address, "the API is at http://{address}{base}, its documentation at http://{address}/docs");

    let jobs = Jobs::start(&parts, &database, protection, numbers).await;
    let stopper = server.stopper();
    let grace = settings.shutdown_grace;
    let mut serving = pin!(server.run());
    let stop = async {
        signals.next().await;
        info!("stopping: new requests are served for {} s more, then what is in flight is ended", grace.as_secs());
        stopper.announce();
        tokio::select! {
            () = sleep(grace) => {}
            () = signals.next() => info!("told twice: ending what is in flight now"),
        }
        tokio::select! {
            () = stopper.stop() => true,
            () = signals.next() => {
                warn!("told three times: not waiting for what is in flight");
                false
            }
        }
    };
    let outcome = tokio::select! {
        outcome = &mut serving => outcome,
        waits = stop => if waits { serving.await } else { Ok(()) },
    };
    outcome.map_err(|error| Failure::because("the server failed", &error))?;
    jobs.stop().await;
    if let Some(copy) = copy {
        copy.close().await;
    }
    database.close().await;
    info!("stopped");
    Ok(())
}

/// The database, connected, and whether it is up to date.
async fn database(settings: &Settings) -> Result<(Database, bool), Failure> {
    let database = Database::connect(settings).await?;
    if settings.migrate_on_start {
        for name in database.migrate_up().await? {
            info!("applied the migration {name}");
        }
        return Ok((database, true));
    }
    let status = database.migration_status().await?;
    if !status.unknown.is_empty() {
        return Err(migration_failed(&MigrateError::Newer { unknown: status.unknown }));
    }
    if !status.pending.is_empty() {
        let pending = status.pending.join(", ");
        warn!("not ready until `usermgmt migrate up` has applied {pending} (MIGRATE_ON_START=false)");
        if settings.auth_required {
            warn!("if nobody has an account then, start again: the first administrator is made at a start");
        }
    }
    Ok((database, status.pending.is_empty()))
}

fn with_metrics_at(address: SocketAddr, server: Server, numbers: &Numbers) -> Result<Server, Failure> {
    let server = server
        .with_metrics_on(listen(address)?, numbers.writer())
        .map_err(|error| Failure::because("the port of the metrics cannot be served", &error))?;
    let address = server.metrics_address().unwrap_or(address);
    info!(metrics.address = %address, "the numbers are at http://{address}/metrics");
    Ok(server)
}

fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| Failure::because(&format!("{address} cannot be listened on"), &error))
}

/// SIGTERM and SIGINT, which both mean to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Self, Failure> {
        let failed = |error| Failure::because("signals cannot be received", &error);
        let terminate = signal(SignalKind::terminate()).map_err(failed)?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt()).map_err(failed)? })
    }

    /// Ends with the next of them.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
