//! What a person types at the terminal without seeing it.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::process::exit;
use std::thread;

use domain::values::PasswordText;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// As long as a terminal's line may be: a buffer that has to grow leaves a copy of what was typed behind.
const LONGEST_LINE: usize = 4096;

/// The terminal while it does not show what is typed. It shows it again when this is dropped, and also when a signal ends
/// the process.
pub(crate) struct Prompt {
    terminal: File,
    before: Termios,
}

impl Prompt {
    /// Stops the echo.
    ///
    /// # Errors
    ///
    /// What the system says if the process has no terminal.
    pub(crate) fn open() -> io::Result<Self> {
        let terminal = File::options().read(true).write(true).open("/dev/tty")?;
        let before = tcgetattr(&terminal)?;
        restore_when_ended(terminal.try_clone()?, before.clone())?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        hidden.local_modes.insert(LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        // Whoever came back from a pause would be shown what they type: the shell turns the echo on.
        hidden.special_codes[SpecialCodeIndex::VSUSP] = 0;
        let prompt = Self { terminal, before };
        tcsetattr(&prompt.terminal, OptionalActions::Flush, &hidden)?;
        Ok(prompt)
    }

    /// What is typed up to the end of a line.
    ///
    /// # Errors
    ///
    /// What the system says; `UnexpectedEof` if the input ends with nothing typed, `InvalidData` if it is no UTF-8.
    pub(crate) fn ask(&mut self, text: &str) -> io::Result<PasswordText> {
        self.terminal.write_all(text.as_bytes())?;
        let mut line = Vec::with_capacity(LONGEST_LINE);
        let mut byte = [0];
        // A byte at a time: the terminal gives no more than a line, and no copy of it is left in a buffer.
        while self.terminal.read(&mut byte)? == 1 && byte != *b"\n" {
            line.extend(byte);
        }
        if line.is_empty() && byte != *b"\n" {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "nothing was typed"));
        }
        let line = String::from_utf8(line).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8"))?;
        Ok(PasswordText::from(line))
    }
}

impl Drop for Prompt {
    fn drop(&mut self) {
        restore(&self.terminal, &self.before);
    }
}

fn restore(terminal: &File, before: &Termios) {
    // A terminal that went away needs no settings.
    let _ = tcsetattr(terminal, OptionalActions::Now, before);
}

/// For the rest of the process: a signal that is listened to once would otherwise end nothing any more.
fn restore_when_ended(terminal: File, before: Termios) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let mut ends = Ends::listen(&runtime)?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let number = runtime.block_on(ends.next());
        restore(&terminal, &before);
        // As a shell tells of a process that a signal ended.
        exit(128 + number);
    })?;
    Ok(())
}

/// The signals that end a process, but for those that cannot be caught.
struct Ends {
    hang_up: Signal,
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
}

impl Ends {
    /// They are caught from here on.
    fn listen(runtime: &Runtime) -> io::Result<Self> {
        let _runtime = runtime.enter();
        Ok(Self {
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// The number of the next one.
    async fn next(&mut self) -> i32 {
        let kind = tokio::select! {
            _ = self.hang_up.recv() => SignalKind::hangup(),
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.quit.recv() => SignalKind::quit(),
            _ = self.terminate.recv() => SignalKind::terminate(),
        };
        kind.as_raw_value()
    }
}
