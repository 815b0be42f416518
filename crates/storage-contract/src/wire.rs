//! A network that can fall silent: connections stay open, and nothing passes.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A wire to a server.
#[derive(Debug)]
pub struct Wire {
    address: SocketAddr,
    is_silent: watch::Sender<bool>,
}

impl Wire {
    /// Lays a wire to the server, which lasts as long as the runtime.
    ///
    /// # Errors
    ///
    /// If no port can be listened on.
    #[expect(clippy::disallowed_methods, reason = "the wire lasts as long as the test")]
    pub async fn to(server: String) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (is_silent, silence) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (server, silence) = (server.clone(), silence.clone());
                tokio::spawn(async move {
                    if let Ok(far) = TcpStream::connect(server).await {
                        let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                        tokio::join!(pass(near_in, far_out, silence.clone()), pass(far_in, near_out, silence));
                    }
                });
            }
        });
        Ok(Self { address, is_silent })
    }

    /// Where to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether what is sent from now on gets lost. A connection that has lost something is never whole again, a new one
    /// is as soon as the wire is.
    pub fn set_silent(&self, is_silent: bool) {
        self.is_silent.send_replace(is_silent);
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, silence: watch::Receiver<bool>) {
    let mut buffer = vec![0; 16 * 1024];
    let mut has_lost = false;
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        has_lost |= *silence.borrow();
        let bytes = buffer.get(..read).unwrap_or_default();
        if !has_lost && to.write_all(bytes).await.is_err() {
            return;
        }
    }
    if has_lost {
        // The end of a connection gets lost too.
        std::future::pending::<()>().await;
    }
}
