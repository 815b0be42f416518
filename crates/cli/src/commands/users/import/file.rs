//! Reading the file, beside storing what was read.

use std::fs::File;
use std::io::{self, Chain, Cursor, Read, stdin};
use std::path::Path;

use domain::values::PasswordPolicy;
use infra_crypto::is_readable_hash;
use tokio::sync::mpsc::{Receiver, channel};
use user_files::{BrokenFile, ColumnMap, FirebaseScrypt, ImportFormat, ReadOptions, Record, RejectedRows, UserReader};

use crate::arguments::ImportArguments;
use crate::commands::Failure;

/// So many records are stored at once.
const BATCH: usize = 2_048;

/// So many batches are read ahead.
const AHEAD: usize = 2;

/// Records that follow one another.
pub(super) struct Part {
    pub(super) records: Vec<Record>,
    /// How many bytes were read up to here.
    pub(super) bytes: u64,
    /// Whether the file ends here.
    pub(super) is_last: bool,
}

/// A file that is being read.
pub(super) struct Source {
    parts: Receiver<Result<Part, Failure>>,
    rejected_rows: RejectedRows,
    length: Option<u64>,
}

impl Source {
    /// Opens the file and begins to read it.
    pub(super) fn open(arguments: &ImportArguments, policy: PasswordPolicy) -> Result<Self, Failure> {
        let path = &arguments.file;
        // Nothing is stored of a file that turns out to be broken; what comes by standard input cannot be read twice.
        if path != Path::new("-") {
            read_through(arguments, policy)?;
        }
        let (input, length): (Box<dyn Read + Send>, _) = if path == Path::new("-") {
            (Box::new(stdin()), None)
        } else {
            let file = File::open(path).map_err(|error| unreadable(path, &error))?;
            let length = file.metadata().map_err(|error| unreadable(path, &error))?.len();
            (Box::new(file), Some(length))
        };
        let reader = reader(arguments, policy, input)?;
        let rejected_rows = reader.rejected_rows();
        let (path, (sender, parts)) = (path.clone(), channel(AHEAD));
        std::thread::spawn(move || {
            let parts = Parts { reader, path, is_over: false };
            for part in parts {
                if sender.blocking_send(part).is_err() {
                    return;
                }
            }
        });
        Ok(Self { parts, rejected_rows, length })
    }

    /// How many bytes there are, if that is known.
    pub(super) const fn length(&self) -> Option<u64> {
        self.length
    }

    pub(super) fn rejected_rows(&self) -> RejectedRows {
        self.rejected_rows.clone()
    }

    pub(super) async fn next(&mut self) -> Option<Result<Part, Failure>> {
        self.parts.recv().await
    }
}

/// Finds out whether the file is whole.
fn read_through(arguments: &ImportArguments, policy: PasswordPolicy) -> Result<(), Failure> {
    let path = &arguments.file;
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    // A pipe or a device ends with being read.
    if !file.metadata().map_err(|error| unreadable(path, &error))?.is_file() {
        return Ok(());
    }
    for record in reader(arguments, policy, file)? {
        let what = format!("{} cannot be imported, and nothing of it was", path.display());
        record.map_err(|error| Failure::because(&what, &error))?;
    }
    Ok(())
}

/// A file whose beginning has been read already.
type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

fn reader<R: Read>(
    arguments: &ImportArguments,
    policy: PasswordPolicy,
    mut input: R,
) -> Result<UserReader<Whole<R>>, Failure> {
    let path = &arguments.file;
    let mut beginning = Vec::new();
    let read = input.by_ref().take(ImportFormat::BEGINNING as u64).read_to_end(&mut beginning);
    read.map_err(|error| unreadable(path, &error))?;
    let options = options(arguments, policy, &beginning)?;
    UserReader::open(Cursor::new(beginning).chain(input), options).map_err(|error| broken(path, &error))
}

/// Records, gathered. Of a file that turns out to be broken the last, unfinished part is not handed out.
struct Parts<R> {
    reader: UserReader<R>,
    path: std::path::PathBuf,
    is_over: bool,
}

impl<R: Read> Iterator for Parts<R> {
    type Item = Result<Part, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let mut records = Vec::with_capacity(BATCH);
        while records.len() < BATCH {
            match self.reader.next() {
                Some(Ok(record)) => records.push(record),
                Some(Err(error)) => {
                    self.is_over = true;
                    return Some(Err(broken(&self.path, &error)));
                }
                None => {
                    self.is_over = true;
                    break;
                }
            }
        }
        Some(Ok(Part { records, bytes: self.reader.bytes_read(), is_last: self.is_over }))
    }
}

fn options(arguments: &ImportArguments, policy: PasswordPolicy, beginning: &[u8]) -> Result<ReadOptions, Failure> {
    let path = Some(arguments.file.as_path()).filter(|path| *path != Path::new("-"));
    let format = arguments.format.or_else(|| ImportFormat::detect(path, beginning));
    let format = format.ok_or_else(|| Failure::new("--format: what kind of file this is cannot be told from it"))?;
    let mut columns = ColumnMap::default();
    for mapping in &arguments.map {
        columns.add(mapping).map_err(|error| Failure::because("--map", &error))?;
    }
    Ok(ReadOptions {
        columns,
        password_policy: policy,
        firebase: firebase(arguments)?,
        hash_is_readable: is_readable_hash,
        ..ReadOptions::new(format)
    })
}

fn firebase(arguments: &ImportArguments) -> Result<Option<FirebaseScrypt>, Failure> {
    let (Some(path), Some(separator)) = (&arguments.firebase_signer_key_file, &arguments.firebase_salt_separator)
    else {
        return Ok(None);
    };
    let key = std::fs::read_to_string(path);
    let key = key.map_err(|error| Failure::because(&format!("{} cannot be read", path.display()), &error))?;
    let (rounds, mem_cost) = (arguments.firebase_rounds, arguments.firebase_mem_cost);
    let scrypt = FirebaseScrypt::new(key.trim(), separator, rounds, mem_cost);
    scrypt.map(Some).map_err(|error| Failure::because("the parameters of Firebase", &error))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::because(&format!("{} cannot be read", path.display()), error)
}

fn broken(path: &Path, error: &BrokenFile) -> Failure {
    Failure::because(&format!("{} cannot be imported further", path.display()), error)
}
