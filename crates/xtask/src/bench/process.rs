//! Programs that the benchmark starts, and surely ends.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::kernel::{family, mebibytes, processor_time};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A program ended otherwise than well.
    #[error("{0} failed: {1}")]
    Program(String, String),
    /// A server did not answer in time.
    #[error("{0} did not answer on {1} within {2:?}")]
    NotReady(String, SocketAddr, Duration),
    /// The load generator's output was not the line that its script prints.
    #[error("the load generator said: {0}")]
    Load(String),
    /// Some answers were errors, so the numbers would be those of something else.
    #[error("{0}")]
    Errors(String),
    /// The kernel says nothing of a process that should be running.
    #[error("no numbers about process {0}")]
    NoNumbers(u32),
    /// This program does not lie where cargo puts it.
    #[error("run this as `cargo xtask bench`")]
    NoTargetDirectory,
    /// The system refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// One line about what is going on, apart from the report.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "· {line}");
}

/// Runs a program to its end and fails unless it did well.
pub(crate) fn succeed(command: &mut Command) -> Result<(), Failure> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(Failure::Program(program(command), status.to_string())) }
}

/// Runs a program to its end, and returns what it said on its standard output.
pub(crate) fn said_by(command: &mut Command) -> Result<String, Failure> {
    let output = command.stderr(Stdio::inherit()).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(Failure::Program(program(command), output.status.to_string()))
}

/// How a program did that ran to its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finished {
    /// From its start to its end.
    pub(crate) seconds: f64,
    /// The most memory that was in RAM, in MiB.
    pub(crate) memory: f64,
}

/// Runs a program to its end, looks at its memory meanwhile, and fails unless it did well.
pub(crate) fn watch(command: &mut Command) -> Result<Finished, Failure> {
    let begun = Instant::now();
    let mut child = command.stdin(Stdio::null()).spawn()?;
    let mut memory = 0.0;
    let status = loop {
        // The kernel keeps the peak, so that only the last moments can be missed.
        memory = mebibytes(child.id(), "VmHWM:").unwrap_or(memory);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    if status.success() {
        return Ok(Finished { seconds: begun.elapsed().as_secs_f64(), memory });
    }
    Err(Failure::Program(program(command), status.to_string()))
}

fn program(command: &Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    command.get_args().fold(program, |line, argument| line + " " + &argument.to_string_lossy())
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A running server, which ends when this value does.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    /// How long it took from its start to its first good answer.
    pub(crate) started_in: Duration,
    child: Child,
}

impl Server {
    /// Starts it and waits for `200` on `path`.
    pub(crate) fn start(name: &'static str, command: &mut Command, port: u16, path: &str) -> Result<Self, Failure> {
        const PATIENCE: Duration = Duration::from_secs(30);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let begun = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        let mut server = Self { name, address, started_in: Duration::ZERO, child };
        while !answers(address, path) {
            if let Some(status) = server.child.try_wait()? {
                return Err(Failure::Program(program(command), status.to_string()));
            }
            if begun.elapsed() > PATIENCE {
                return Err(Failure::NotReady(name.to_owned(), address, PATIENCE));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        server.started_in = begun.elapsed();
        Ok(server)
    }

    /// Memory that is in RAM now, in MiB, of all of its processes together.
    pub(crate) fn memory(&self) -> Result<f64, Failure> {
        self.sum(|process| mebibytes(process, "VmRSS:"))
    }

    /// The most that each of its processes had in RAM, in MiB.
    pub(crate) fn peak_memory(&self) -> Result<f64, Failure> {
        self.sum(|process| mebibytes(process, "VmHWM:"))
    }

    /// Processor time used so far.
    pub(crate) fn processor_time(&self) -> Result<Duration, Failure> {
        self.sum(|process| Some(processor_time(process)?.as_secs_f64())).map(Duration::from_secs_f64)
    }

    /// The body of a good answer to `GET`, where it is text.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        let mut answer = String::new();
        get(self.address, path).ok()?.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        head.lines().next()?.contains(" 200").then(|| body.to_owned())
    }

    fn sum(&self, of: impl Fn(u32) -> Option<f64>) -> Result<f64, Failure> {
        let of_each: Option<Vec<f64>> = family(self.child.id()).into_iter().map(of).collect();
        Ok(of_each.ok_or(Failure::NoNumbers(self.child.id()))?.iter().sum())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let asked = pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
        let begun = Instant::now();
        while asked && begun.elapsed() < Duration::from_secs(10) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks, on a connection that is closed after the answer.
fn get(address: SocketAddr, path: &str) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    Ok(stream)
}

fn answers(address: SocketAddr, path: &str) -> bool {
    let mut head = [0; 12];
    get(address, path).is_ok_and(|mut stream| stream.read_exact(&mut head).is_ok() && head.ends_with(b" 200"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_ends_with_its_value() {
        let child = Command::new("sleep").arg("60").spawn().unwrap();
        let pid = child.id();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        drop(Server { name: "sleep", address, started_in: Duration::ZERO, child });
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    }

    #[test]
    fn a_server_that_dies_at_its_start_is_named() {
        let failure = Server::start("false", &mut Command::new("false"), free_port().unwrap(), "/").unwrap_err();
        assert_eq!(failure.to_string(), "false failed: exit status: 1");
    }
}
