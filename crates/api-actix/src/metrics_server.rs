//! `/metrics` on a port of its own, for those who may see numbers and not the API, or the other way round.

use std::future::pending;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::Server as HttpServerFuture;
use actix_web::{App, HttpServer, web};
use futures_util::future::join;

use crate::config::{ApiConfig, Limits};
use crate::edge::{Edge, Load};
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::server::DISCONNECT_TIME;
use crate::system::metrics::{WriteMetrics, metrics};

/// Connections at once: a few scrapers, each with one.
const CONNECTIONS: usize = 64;

/// A server of one thread that answers nothing else.
pub(crate) struct MetricsServer {
    http: HttpServerFuture,
    addresses: Vec<SocketAddr>,
}

impl MetricsServer {
    pub(crate) fn bind(listener: TcpListener, write: WriteMetrics) -> io::Result<Self> {
        let limits = Limits::default();
        // Scrapers ask by address: whoever reaches this port may.
        let config = ApiConfig { auth_required: true, ..ApiConfig::default() };
        let load = Arc::new(Load::apart(CONNECTIONS));
        let write = web::Data::new(write);
        let server = HttpServer::new(move || {
            let nothing = || async { Err::<&str, _>(Problem::of(ErrorCode::NotFound)) };
            let app = App::new().app_data(write.clone()).service(metrics).default_service(web::to(nothing));
            app.wrap(Edge::new(&config, Arc::clone(&load)))
        })
        .workers(1)
        .max_connections(CONNECTIONS)
        .client_request_timeout(limits.head_time)
        .client_disconnect_timeout(DISCONNECT_TIME)
        .keep_alive(limits.keep_alive)
        .disable_signals()
        .listen(listener)?;
        let addresses = server.addrs();
        Ok(Self { http: server.run(), addresses })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.addresses.first().copied()
    }

    /// Serves until it fails; never, where there is none.
    pub(crate) async fn run(server: &mut Option<Self>) -> io::Result<()> {
        match server {
            Some(server) => (&mut server.http).await,
            None => pending().await,
        }
    }

    /// Stops.
    pub(crate) async fn stop(self) {
        // It does what its handle says while it is polled.
        let ((), ended) = join(self.http.handle().stop(false), self.http).await;
        if let Err(error) = ended {
            tracing::debug!(%error, "the port of the metrics did not end well");
        }
    }
}
