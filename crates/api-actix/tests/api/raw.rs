//! Requests that no client library would send.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use actix_web::rt::task::spawn_blocking;

/// How long a test waits for an answer at most.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends these bytes and reads until the server closes.
pub(crate) async fn exchange(address: SocketAddr, request: impl Into<Vec<u8>>) -> String {
    let request = request.into();
    spawn_blocking(move || {
        let mut stream = connect(address);
        stream.write_all(&request).unwrap();
        read_all(&mut stream)
    })
    .await
    .unwrap()
}

/// GET of a path exactly as it is written here.
pub(crate) async fn get(address: SocketAddr, target: &str) -> String {
    exchange(address, format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).await
}

/// A request of which a part was sent.
pub(crate) struct Half(TcpStream);

impl Half {
    /// Sends the first part.
    pub(crate) async fn send(address: SocketAddr, part: impl Into<Vec<u8>>) -> Self {
        let part = part.into();
        spawn_blocking(move || {
            let mut stream = connect(address);
            stream.write_all(&part).unwrap();
            Self(stream)
        })
        .await
        .unwrap()
    }

    /// Waits until the server begins to answer, and reads no further.
    pub(crate) async fn until_answered(mut self) -> Self {
        spawn_blocking(move || {
            self.0.read_exact(&mut [0]).unwrap();
            self
        })
        .await
        .unwrap()
    }

    /// Sends the rest, and reads until the server closes.
    pub(crate) async fn and_the_rest(mut self, rest: impl Into<Vec<u8>>) -> String {
        let rest = rest.into();
        spawn_blocking(move || {
            self.0.write_all(&rest).unwrap();
            read_all(&mut self.0)
        })
        .await
        .unwrap()
    }
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

/// Sends `head`, then `chunk` again and again until the server closes; how long that took, and what it had answered.
pub(crate) async fn send_without_end(address: SocketAddr, head: String, chunk: Vec<u8>) -> (Duration, String) {
    spawn_blocking(move || {
        let started = Instant::now();
        let mut stream = connect(address);
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.set_nonblocking(true).unwrap();
        while started.elapsed() < PATIENCE {
            let sent = stream.write(&chunk);
            let mut buffer = [0; 4096];
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => answer.extend_from_slice(&buffer[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => break,
            }
            if sent.is_err_and(|error| error.kind() != ErrorKind::WouldBlock) {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        (started.elapsed(), String::from_utf8_lossy(&answer).into_owned())
    })
    .await
    .unwrap()
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn read_all(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut buffer = [0; 16 * 1024];
    // A reset after the answer is as good an end as any.
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        answer.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends this request again and again without reading an answer; whether the server reset the connection in time.
pub(crate) async fn is_reset_without_reading(address: SocketAddr, request: String) -> bool {
    spawn_blocking(move || {
        let started = Instant::now();
        let mut stream = connect(address);
        stream.set_nonblocking(true).unwrap();
        while started.elapsed() < PATIENCE {
            match stream.write(request.as_bytes()) {
                Err(error) if error.kind() != ErrorKind::WouldBlock => return true,
                _ => std::thread::sleep(Duration::from_millis(10)),
            }
        }
        false
    })
    .await
    .unwrap()
}
