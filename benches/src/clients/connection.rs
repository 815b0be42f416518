//! One connection to the server: a request is sent, and its answer read to the end.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// A connection that is kept for many requests, and made anew after the server has closed it.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

/// Longer than any server may take.
const PATIENCE: Duration = Duration::from_mins(1);

impl Connection {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    pub(crate) fn get(&mut self, path: &str, token: &str) -> io::Result<Answer> {
        let host = self.address;
        self.exchange(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"))
    }

    pub(crate) fn post(&mut self, path: &str, json: &str) -> io::Result<Answer> {
        let (host, length) = (self.address, json.len());
        self.exchange(&format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{json}"
        ))
    }

    fn exchange(&mut self, request: &str) -> io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.address)?,
        };
        stream.get_mut().write_all(request.as_bytes())?;
        let (answer, is_last) = read(&mut stream)?;
        if !is_last {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

fn connect(address: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(BufReader::new(stream))
}

/// The answer, and whether the server closes the connection after it.
fn read(stream: &mut BufReader<TcpStream>) -> io::Result<(Answer, bool)> {
    let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| broken("no status line"))?;
    let (mut length, mut is_last) = (None, false);
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok();
        } else if name.eq_ignore_ascii_case("connection") {
            is_last = value.eq_ignore_ascii_case("close");
        }
    }
    // None of the answers that are asked for here is chunked.
    let length: u64 = length.ok_or_else(|| broken("no length"))?;
    let mut body = Vec::new();
    stream.take(length).read_to_end(&mut body)?;
    Ok((Answer { status, body }, is_last))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// A server that answers each connection's requests with these, and closes it then.
    fn server(connections: &'static [&'static [&'static str]]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for answers in connections {
                let mut stream = listener.accept().unwrap().0;
                for answer in *answers {
                    let mut request = [0; 1024];
                    assert!(stream.read(&mut request).unwrap() > 0);
                    stream.write_all(answer.as_bytes()).unwrap();
                }
            }
        });
        address
    }

    #[test]
    fn answers_on_one_connection_are_told_apart() {
        let mut connection = Connection::new(server(&[&[
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst",
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
        ]]));
        let first = connection.get("/", "token").unwrap();
        assert_eq!((first.status, first.body), (200, b"first".to_vec()));
        assert_eq!(connection.post("/", "{}").unwrap().status, 503);
    }

    #[test]
    fn a_connection_that_the_server_closes_is_made_anew() {
        let mut connection = Connection::new(server(&[
            &["HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"],
            &["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
        ]));
        assert_eq!(connection.get("/", "token").unwrap().status, 429);
        assert_eq!(connection.get("/", "token").unwrap().status, 200);
    }

    #[test]
    fn an_answer_that_breaks_off_is_an_error() {
        let mut connection = Connection::new(server(&[&[""]]));
        assert!(connection.get("/", "token").is_err());
    }
}
