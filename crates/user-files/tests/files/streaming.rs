//! However a file comes in, it is read the same, and never as a whole.

use std::io::Read;

use proptest::prelude::*;
use user_files::{ImportFormat, ReadOptions, UserReader};

/// Gives so many bytes at a time.
struct Trickle<'a>(&'a [u8], usize);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.1.min(buffer.len()).min(self.0.len());
        let (now, later) = self.0.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.0 = later;
        Ok(count)
    }
}

fn told(format: ImportFormat, input: impl Read) -> Vec<String> {
    match UserReader::open(input, ReadOptions::new(format)) {
        Ok(reader) => reader.map(|next| format!("{next:?}")).collect(),
        Err(error) => vec![format!("{error:?}")],
    }
}

#[test]
fn files_are_read_the_same_byte_by_byte() {
    let files: [(ImportFormat, &[u8]); 8] = [
        (ImportFormat::Csv, include_bytes!("fixtures/users.csv")),
        (ImportFormat::Ndjson, include_bytes!("fixtures/users.ndjson")),
        (ImportFormat::Keycloak, include_bytes!("fixtures/keycloak-realm.json")),
        (ImportFormat::Keycloak, include_bytes!("fixtures/keycloak-users.json")),
        (ImportFormat::Auth0, include_bytes!("fixtures/auth0-export.json")),
        (ImportFormat::Firebase, include_bytes!("fixtures/firebase.json")),
        (ImportFormat::Firebase, include_bytes!("fixtures/firebase.csv")),
        (ImportFormat::Django, include_bytes!("fixtures/django.json")),
    ];
    for (format, file) in files {
        let whole = told(format, file);
        for count in [1, 7] {
            assert_eq!(told(format, Trickle(file, count)), whole, "{format}, {count} at a time");
        }
    }
}

/// Twenty thousand users in one array, none of which is ever there but the one that is read.
struct Crowd {
    number: u32,
    pending: Vec<u8>,
}

impl Read for Crowd {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.pending.len() < buffer.len() && self.number <= 20_000 {
            let before = if self.number == 0 { "[" } else { "," };
            let line = match self.number {
                20_000 => "]".to_owned(),
                n => format!("{before}\n{{\"email\":\"user{n}@example.org\",\"user_id\":\"auth0|{n:024}\"}}"),
            };
            self.pending.extend_from_slice(line.as_bytes());
            self.number += 1;
        }
        let count = self.pending.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.pending[..count]);
        self.pending.drain(..count);
        Ok(count)
    }
}

#[test]
fn a_large_array_is_read_item_by_item() {
    let file = Crowd { number: 0, pending: Vec::new() };
    let mut reader = UserReader::open(file, ReadOptions::new(ImportFormat::Auth0)).unwrap();
    let first = reader.next().unwrap().unwrap();
    assert!(first.user.is_ok());
    // What was read ahead is a window, not the file.
    assert!(reader.bytes_read() < 1000);
    let last = reader.last().unwrap().unwrap();
    assert_eq!((last.number, last.line), (20_000, 20_001));
}

proptest! {
    #[test]
    fn no_file_makes_reading_panic(
        file in prop::collection::vec(
            prop::sample::select(vec!["username", "email", ",", ";", "\"", "\n", "\r\n", "\r", "{", "}", "[", "]", ":", "\"users\"",
                "\"fields\"", "\"password\"", "'=", "\\", "é", "a@b.c", "1", "null", " ", "\u{feff}"]), 0..40),
        count in 1_usize..9,
    ) {
        let file = file.concat();
        for format in ImportFormat::ALL {
            let whole = told(format, file.as_bytes());
            prop_assert_eq!(told(format, Trickle(file.as_bytes(), count)), whole);
        }
    }
}
