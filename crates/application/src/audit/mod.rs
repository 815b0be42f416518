//! The audit trail: sealing what is written down, and showing it to those who may read it.

mod actions;
mod canonical;
mod changes;
mod check;
mod export;
pub mod export_lines;
mod feed;
mod file_check;
mod gaps;
mod history;
mod keyring;
mod list;
mod opening;
mod range;
mod sealing;
mod sequencer;
#[cfg(test)]
mod tests;
mod trail;
mod verify;

pub use actions::ACTIONS;
pub use canonical::{canonical, hash_after};
pub use check::{Flaw, SignatureCheck, Verified, Wrong};
pub use export::{ChainExport, ExportFormat};
pub use feed::{FeedPage, FollowError};
pub use file_check::{FileCheck, FileFlaw};
pub(crate) use history::History;
pub use keyring::Keyring;
pub use list::{EventConditions, EventListing, ListEventsCommand, ListEventsError};
pub(crate) use opening::open_all;
pub use opening::{AuditRecord, ERASED, ShownActor, ShownChange};
pub use range::{PositionRange, PositionRangeError};
pub(crate) use sealing::seal;
pub use sequencer::{Sequenced, Sequencer};
pub use trail::{ExportTrailError, Trail};
pub use verify::{Strays, VerifiedTrail, VerifyTrailError};
