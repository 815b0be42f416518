//! `usermgmt healthcheck`: is the service on this machine ready?

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use settings::Settings;

use super::Failure;

/// Longer than `/ready` ever takes.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks `/ready` of the configured address, over loopback where the service listens everywhere.
pub(super) fn run(settings: &Settings) -> Result<(), Failure> {
    let address = reachable(settings.listen_address());
    let status = ask(address).map_err(|error| Failure::because(&format!("no answer from {address}"), &error))?;
    if status == "200" { Ok(()) } else { Err(Failure::new(format!("{address} is not ready: status {status}"))) }
}

fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        IpAddr::V4(_) | IpAddr::V6(_) => {}
    }
    address
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut status_line = String::new();
    BufReader::new(stream).read_line(&mut status_line)?;
    Ok(status_line.split(' ').nth(1).unwrap_or("missing").to_owned())
}
