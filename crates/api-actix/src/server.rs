//! The server: sockets, limits of connections, starting and stopping.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::{Server as HttpServerFuture, ServerHandle};
use actix_web::rt::net::TcpStream;
use rustix::net::sockopt::set_tcp_user_timeout;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::app::{Services, Shared, app};
use crate::config::ApiConfig;
use crate::metrics::describe;
use crate::metrics_server::MetricsServer;
use crate::run_to_end::WriteTasks;

/// After an answer that a client still sends a body to, its connection ends so soon.
pub(crate) const DISCONNECT_TIME: Duration = Duration::from_secs(1);

/// A server that listens already. It answers once [`run`](Self::run) is polled.
pub struct Server {
    http: HttpServerFuture,
    metrics: Option<MetricsServer>,
    addresses: Vec<SocketAddr>,
    is_stopping: Arc<AtomicBool>,
    is_ending: watch::Sender<bool>,
    tasks: WriteTasks,
    shutdown_time: Duration,
}

/// Stops a running [`Server`], from any task. Cloning it is cheap.
#[derive(Clone)]
pub struct Stopper {
    handle: ServerHandle,
    is_stopping: Arc<AtomicBool>,
    is_ending: watch::Sender<bool>,
}

impl Server {
    /// Begins to listen. Writes run on the runtime that this is called on, which must outlive the server.
    ///
    /// # Errors
    ///
    /// If the socket cannot be listened on.
    pub fn bind(config: ApiConfig, services: Services, listener: TcpListener) -> io::Result<Self> {
        describe();
        let is_stopping = Arc::new(AtomicBool::new(false));
        let is_ending = watch::Sender::new(false);
        let limits = config.limits.clone();
        let shared = Shared::new(config, services, Arc::clone(&is_stopping), &is_ending, Handle::current());
        let tasks = shared.tasks();
        let unread_time = limits.unread_time;
        let server = HttpServer::new(move || app(&shared))
            .workers(limits.workers)
            .max_connections(limits.connections_per_worker)
            .client_request_timeout(limits.head_time)
            .client_disconnect_timeout(DISCONNECT_TIME)
            .keep_alive(limits.keep_alive)
            .shutdown_timeout(limits.shutdown_time.as_secs())
            .disable_signals()
            .on_connect(move |connection, _| {
                if let Some(stream) = connection.downcast_ref::<TcpStream>() {
                    reset_unread(stream, unread_time);
                }
            })
            .listen(listener)?;
        let addresses = server.addrs();
        let http = server.run();
        Ok(Self { http, metrics: None, addresses, is_stopping, is_ending, tasks, shutdown_time: limits.shutdown_time })
    }

    /// Serves `/metrics` on this socket, too, until everything else has ended. Whether it is served beside the API as well,
    /// [`metrics_apart`](ApiConfig::metrics_apart) says.
    ///
    /// # Errors
    ///
    /// If the socket cannot be listened on.
    pub fn with_metrics_on(
        mut self,
        listener: TcpListener,
        write: Arc<dyn Fn() -> String + Send + Sync>,
    ) -> io::Result<Self> {
        self.metrics = Some(MetricsServer::bind(listener, write)?);
        Ok(self)
    }

    /// Where `/metrics` is served apart, if it is.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().and_then(MetricsServer::address)
    }

    /// Where it listens.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What stops it.
    pub fn stopper(&self) -> Stopper {
        Stopper {
            handle: self.http.handle(),
            is_stopping: Arc::clone(&self.is_stopping),
            is_ending: self.is_ending.clone(),
        }
    }

    /// Serves until it is stopped, and then until every write has ended, within the time for stopping.
    ///
    /// # Errors
    ///
    /// If the server's threads cannot be started or fail.
    pub async fn run(mut self) -> io::Result<()> {
        let serving = async {
            self.http.await?;
            if !self.tasks.wait_idle(self.shutdown_time).await {
                tracing::warn!("stopping although changes are still being written");
            }
            Ok(())
        };
        tokio::select! {
            ended = serving => ended,
            ended = MetricsServer::run(&mut self.metrics) => ended,
        }?;
        if let Some(metrics) = self.metrics {
            metrics.stop().await;
        }
        Ok(())
    }
}

impl Stopper {
    /// Turns `/ready` to 503, so that nobody sends new requests here; everything is still served.
    pub fn announce(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Stops listening, ends those who wait for events, lets end what else is in flight, and returns once that is done or its time is over.
    pub async fn stop(&self) {
        self.announce();
        self.is_ending.send_replace(true);
        self.handle.stop(true).await;
    }
}

/// The server never gives up on a client that stopped reading; the kernel does.
fn reset_unread(stream: &TcpStream, time: Duration) {
    let milliseconds = u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
    if let Err(error) = set_tcp_user_timeout(stream, milliseconds) {
        tracing::debug!(%error, "could not limit how long an answer may stay unread");
    }
}
