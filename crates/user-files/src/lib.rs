//! Files of users: read for an import, written for an export. No database, no HTTP, no runtime.
//!
//! [`UserReader`] reads any [`ImportFormat`] from anything that can be read, one record at a time and in constant memory.
//! Two kinds of trouble are told apart: a record that is wrong is handed out with every reason and its own text, and the
//! next one follows; a file that is [broken](BrokenFile) ends the reading with its line.
//!
//! [`UserCsv`] and [`UserNdjson`] write users as the export does, [`RejectedRows`] what an import refused: in the form of
//! the file it came from, with the reasons in a member that reading passes over, so that it can be mended and read again.
//!
//! What the files look like is told in `docs/IMPORT_EXPORT.md`.
//!
//! # Hashes of passwords
//!
//! What other systems keep is converted into the texts that are verified here. All but one of them are those of passlib,
//! Django and the PHC; the one of our own is Firebase's modified scrypt:
//!
//! ```text
//! $firebase-scrypt$ln=14,r=8,p=1$<salt and salt separator>$<key stream>
//! ```
//!
//! Both are base64 (standard alphabet, unpadded). The key stream is 64 bytes of AES-256-CTR, from a counter of zero, under
//! the first 32 bytes of `scrypt(password, salt, N = 2^ln, r, p)`. Firebase encrypts its project's signer key with it;
//! the import has that key and takes it off again, so that nobody has to keep it.

mod broken;
mod column;
mod defused;
mod detect;
mod format;
mod formats;
mod hashes;
mod metadata;
mod options;
mod reading;
mod record;
mod user;
mod writing;

pub use broken::{BrokenFile, Trouble};
pub use column::{Column, ColumnMap, WrongMapping};
pub use format::{ImportFormat, UnknownFormat};
pub use hashes::{FirebaseScrypt, WrongFirebaseScrypt};
pub use options::ReadOptions;
pub use reading::{RECORD_LIMIT, UserReader};
pub use record::{Record, RecordText};
pub use user::{Credential, ImportedUser};
pub use writing::{IdFormat, RejectedRows, UserCsv, UserNdjson, write_time};
