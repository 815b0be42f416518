//! A wire to a server that can be cut, fall silent and be whole again.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How quickly a change of state is noticed.
const STEP: Duration = Duration::from_millis(10);

/// What happens on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Whole,
    /// Nobody listens, and every connection is reset.
    Cut,
    /// Connections are accepted and stay open, and what is sent gets lost. A connection that has lost something never
    /// works again.
    Silent,
}

/// A wire. Dropping it cuts it.
pub(crate) struct Wire {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Wire {
    /// Lays a wire to the server at this address.
    pub(crate) fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::Whole));
        let (server, shared) = (server.to_owned(), Arc::clone(&state));
        thread::spawn(move || accept(listener, address, &server, &shared));
        Self { address, state }
    }

    /// Where to connect to.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Returns when the state has changed for everybody.
    pub(crate) fn set(&self, state: State) {
        *self.state.lock().unwrap() = state;
        thread::sleep(STEP * 5);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        *self.state.lock().unwrap() = State::Cut;
    }
}

fn accept(listener: TcpListener, address: SocketAddr, server: &str, state: &Arc<Mutex<State>>) {
    let mut listener = Some(listener);
    // The last holder of the state is gone with the wire and its connections.
    while Arc::strong_count(state) > 1 {
        thread::sleep(STEP);
        if *state.lock().unwrap() == State::Cut {
            listener = None;
            continue;
        }
        let open = listener.get_or_insert_with(|| TcpListener::bind(address).unwrap());
        open.set_nonblocking(true).unwrap();
        while let Ok((client, _)) = open.accept() {
            let Ok(server) = TcpStream::connect(server) else { continue };
            connect(&client, &server, state);
        }
    }
}

fn connect(client: &TcpStream, server: &TcpStream, state: &Arc<Mutex<State>>) {
    for (from, to) in [(client, server), (server, client)] {
        let (from, to, state) = (from.try_clone().unwrap(), to.try_clone().unwrap(), Arc::clone(state));
        from.set_nonblocking(false).unwrap();
        from.set_read_timeout(Some(STEP)).unwrap();
        from.set_nodelay(true).unwrap();
        thread::spawn(move || {
            pass_on(&from, &to, &state);
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
}

fn pass_on(mut from: &TcpStream, mut to: &TcpStream, state: &Mutex<State>) {
    let mut buffer = [0; 16 * 1024];
    let mut has_lost_something = false;
    loop {
        let read = from.read(&mut buffer);
        let state = *state.lock().unwrap();
        has_lost_something |= state == State::Silent;
        match read {
            _ if state == State::Cut => return,
            Ok(0) => return,
            Ok(_) if has_lost_something => {}
            Ok(length) => {
                if to.write_all(&buffer[..length]).is_err() {
                    return;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return,
        }
    }
}
