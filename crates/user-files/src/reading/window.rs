//! The part of a file that is in memory.

use std::io::{self, Read};

const FIRST_SIZE: usize = 128 * 1024;

/// What was read and not yet taken, and where in the file that is.
pub(crate) struct Window<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    line: u64,
    taken: u64,
    is_at_end: bool,
}

impl<R: Read> Window<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, buffer: vec![0; FIRST_SIZE], start: 0, end: 0, line: 1, taken: 0, is_at_end: false }
    }

    /// What can be looked at.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// The line that [`bytes`](Self::bytes) begin in, counted from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// How many bytes were taken so far.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether nothing follows behind [`bytes`](Self::bytes).
    pub(crate) fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// Reads on; nothing more comes at the end of the file.
    pub(crate) fn read_on(&mut self) -> io::Result<()> {
        if self.is_at_end {
            return Ok(());
        }
        if self.end == self.buffer.len() {
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            } else {
                self.buffer.resize(self.buffer.len() * 2, 0);
            }
        }
        loop {
            match self.input.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => self.is_at_end = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }

    /// Reads on until there are `count` bytes or the file ends.
    pub(crate) fn read_up_to(&mut self, count: usize) -> io::Result<()> {
        while self.bytes().len() < count && !self.is_at_end {
            self.read_on()?;
        }
        Ok(())
    }

    /// Takes the first `count` bytes, which hold `line_feeds`.
    pub(crate) fn take_counted(&mut self, count: usize, line_feeds: u64) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.taken += count as u64;
        self.line += line_feeds;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Takes the first `count` bytes.
    pub(crate) fn take(&mut self, count: usize) {
        self.take_counted(count, line_feeds(self.bytes().get(..count).unwrap_or_default()));
    }
}

/// How many lines end in there.
pub(crate) fn line_feeds(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(buffer.len()).min(self.0.len());
            let (now, later) = self.0.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }

    #[test]
    fn everything_passes_through_in_order() {
        let file: Vec<u8> = (0..1_000_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let mut window = Window::new(Trickle(&file, 10_007));
        let mut seen = Vec::new();
        while !window.is_at_end() || !window.bytes().is_empty() {
            window.read_up_to(777).unwrap();
            let count = window.bytes().len().min(777);
            seen.extend_from_slice(&window.bytes()[..count]);
            window.take(count);
        }
        assert!(seen == file);
        assert_eq!(window.taken(), 1_000_000);
        assert_eq!(window.line(), 1 + line_feeds(&file));
    }

    #[test]
    fn what_is_taken_makes_room() {
        let file = vec![b'x'; 10 * FIRST_SIZE];
        let mut window = Window::new(&file[..]);
        while !window.is_at_end() {
            window.read_up_to(1000).unwrap();
            window.take(1000);
        }
        assert_eq!(window.buffer.len(), FIRST_SIZE);
    }
}
