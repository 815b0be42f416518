//! A connection that never makes its program wait: what is sent is buffered, what comes is read when it is there.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The head of an answer that is there in whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Whether the server closes the connection after it.
    pub(crate) is_last: bool,
}

/// One connection, kept for many requests.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    inbox: Vec<u8>,
}

const PATIENCE: Duration = Duration::from_secs(5);

impl Wire {
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, inbox: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request. They are a kilobyte at most, which the kernel always has room for when nothing is under way.
    pub(crate) fn send(&mut self, request: &str) -> io::Result<()> {
        self.inbox.clear();
        self.stream.write_all(request.as_bytes())
    }

    /// Reads what is there, and tells the answer once it is whole.
    ///
    /// # Errors
    ///
    /// Where the server closed the connection before, or said what is not HTTP/1.1 with a length.
    pub(crate) fn receive(&mut self) -> io::Result<Option<Answer>> {
        let mut chunk = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(length) => self.inbox.extend(chunk.iter().take(length)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return whole(&self.inbox),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
                Err(error) => return Err(error),
            }
            if let Some(answer) = whole(&self.inbox)? {
                return Ok(Some(answer));
            }
        }
    }
}

/// The answer that these bytes are, unless some are missing.
fn whole(bytes: &[u8]) -> io::Result<Option<Answer>> {
    let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let (head, body) = bytes.split_at(end + 4);
    let head = std::str::from_utf8(head).map_err(|_| broken("a head that is no text"))?;
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let status: u16 = status.ok_or_else(|| broken("no status line"))?;
    // These have no body, whatever they say.
    let mut length: Option<usize> = matches!(status, 204 | 304).then_some(0);
    let mut is_last = false;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if length.is_none() && name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok();
        } else if name.eq_ignore_ascii_case("connection") {
            is_last = value.trim().eq_ignore_ascii_case("close");
        }
    }
    let length = length.ok_or_else(|| broken("an answer without a length"))?;
    Ok((body.len() >= length).then_some(Answer { status, is_last }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_with_its_last_byte() {
        let text = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
        for missing in 1..text.len() {
            assert_eq!(whole(&text[..text.len() - missing]).unwrap(), None);
        }
        assert_eq!(whole(text).unwrap(), Some(Answer { status: 200, is_last: false }));
    }

    #[test]
    fn an_answer_without_a_body_needs_no_length() {
        let answer = whole(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n").unwrap();
        assert_eq!(answer, Some(Answer { status: 304, is_last: true }));
    }

    #[test]
    fn what_has_no_length_is_not_understood() {
        assert!(whole(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
        assert!(whole(b"SSH-2.0-OpenSSH\r\n\r\n").is_err());
    }
}
