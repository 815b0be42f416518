//! Looking at what a storage takes for granted, and mending it: for an operator, not for requests.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StorageError;

/// Tells whether what is stored twice agrees, and mends what does not.
///
/// It may be called beside a service that is at work: a change that is under way is neither taken for a difference nor
/// lost.
#[async_trait]
pub trait StorageInspection: Send + Sync {
    /// The storage, as it describes itself.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn describe(&self) -> Result<StorageDescription, StorageError>;

    /// Counts every user again, and returns where the counters say something else: by block, and by the first block of a
    /// larger span whose counters differ though those of its blocks do not.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn count_differences(&self) -> Result<Vec<CountDifference>, StorageError>;

    /// Counts the users of one block again, corrects its counters and those of the larger spans that it is in, and returns
    /// what was corrected. Several may mend at once: a difference is corrected once.
    ///
    /// # Errors
    ///
    /// `Retryable` if another unit of work won; nothing was changed then.
    async fn mend_counts(&self, block: i64) -> Result<Vec<CountDifference>, StorageError>;

    /// The guards that units of work need and that are not there.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn missing_guards(&self) -> Result<Vec<String>, StorageError>;

    /// Puts the guards that are missing back, and returns their names.
    ///
    /// # Errors
    ///
    /// `Retryable` if another unit of work won.
    async fn mend_guards(&self) -> Result<Vec<String>, StorageError>;

    /// What should refuse to change the audit trail and does not, because it is missing, switched off, or was altered: by
    /// the names that the storage has for it. Empty where nobody can get at the trail but through this program.
    ///
    /// It tells what is so now. That nothing was changed meanwhile is for the chain to show.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn missing_protections(&self) -> Result<Vec<String>, StorageError>;

    /// How many rows of each kind lack another that should be there; kinds of which there are none are left out.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn loose_ends(&self) -> Result<Vec<(LooseEnd, u64)>, StorageError>;
}

/// A row that lacks another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LooseEnd {
    /// A user for whom nothing personal can be sealed or opened.
    UserWithoutKey,
    /// A key of somebody who is not there: whoever is erased loses it.
    KeyWithoutUser,
    /// A session that nobody can use.
    SessionWithoutUser,
    /// A position before the end of the chain that is not there.
    MissingPosition,
}

/// What a storage says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageDescription {
    /// Product and version.
    pub version: String,
    /// What time it is there, in UTC; `None` where that is this machine's.
    pub now: Option<DateTime<Utc>>,
    /// What the adapter depends on.
    pub settings: Vec<StorageSetting>,
}

/// A setting of the storage that an adapter depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageSetting {
    /// Its name there.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// What it should be, if it is something else.
    pub expected: Option<&'static str>,
}

/// Counters that do not agree with the users they count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountDifference {
    /// The block of ids, or the first of several.
    pub block: i64,
    /// The users' role.
    pub role: String,
    /// Whether they are active.
    pub is_active: bool,
    /// Whether they were deleted.
    pub deleted: bool,
    /// How many the counters say there are.
    pub counted: i64,
    /// How many there are.
    pub actual: i64,
}
