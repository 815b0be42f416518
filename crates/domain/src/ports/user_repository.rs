//! Users within a unit of work.

use async_trait::async_trait;

use super::StorageError;
use crate::user::{User, UserDraft};
use crate::values::{PasswordHash, UserRef, UserUuid};

/// Loads and saves users within a unit of work.
///
/// Names are taken by key ([`Username::key`](crate::values::Username::key),
/// [`EmailAddress::key`](crate::values::EmailAddress::key)) among users that hold theirs
/// ([`UserRecord::holds_names`](crate::user::UserRecord::holds_names)); of several conflicts at once the first of
/// username, email, external id is reported.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait UserRepository: Send {
    /// The living user of that id, to be changed: where the storage can, nobody else changes them until the unit ends.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only; a user who is not there, or was deleted, is `None`.
    async fn find(&mut self, user: UserRef) -> Result<Option<User>, StorageError>;

    /// As [`find`](Self::find), and deleted users too.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn find_including_deleted(&mut self, user: UserRef) -> Result<Option<User>, StorageError>;

    /// Stores a new user under a number that nobody ever had.
    ///
    /// # Errors
    ///
    /// - [`SaveUserError::UsernameTaken`], [`SaveUserError::EmailTaken`] if another user holds the same key.
    /// - [`SaveUserError::ExternalIdTaken`] if another user has the same external id, deleted or not.
    /// - [`SaveUserError::UuidTaken`] if another user has the uuid, deleted or not.
    async fn insert(&mut self, draft: UserDraft) -> Result<User, SaveUserError>;

    /// Stores new users, all of them or, on any error, none.
    ///
    /// # Errors
    ///
    /// Those of [`insert`](Self::insert), for one of them, and [`SaveUserError::UuidTaken`] where somebody has or had one
    /// of the uuids.
    async fn insert_many(&mut self, drafts: &[UserDraft]) -> Result<(), SaveUserError>;

    /// Users who stand in the way of others with these names: who hold one of the names or addresses, have one of the external
    /// ids or, deleted or not, one of the uuids. In any order, each once.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn find_in_the_way(&mut self, names: &[UserNames]) -> Result<Vec<User>, StorageError>;

    /// Which of these uuids belonged to users who were erased.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn find_erased(&mut self, uuids: &[UserUuid]) -> Result<Vec<UserUuid>, StorageError>;

    /// Replaces the stored user, deletion and restoring included.
    ///
    /// # Errors
    ///
    /// - [`SaveUserError::StaleVersion`] if the stored version is not [`User::stored_version`], or nobody is stored.
    /// - the conflicts of [`insert`](Self::insert).
    async fn update(&mut self, user: &User) -> Result<(), SaveUserError>;

    /// Puts a better hash of the same password in the place of `from`, if that is still stored. No version of the user:
    /// nobody but the service has changed anything.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn upgrade_hash(
        &mut self,
        user: UserUuid,
        from: &PasswordHash,
        to: &PasswordHash,
    ) -> Result<(), StorageError>;

    /// Whether nobody was ever stored, or everybody was erased since.
    ///
    /// Units of work that call this follow one another, as with
    /// [`count_administrators_exclusively`](Self::count_administrators_exclusively).
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn is_empty_exclusively(&mut self) -> Result<bool, StorageError>;

    /// How many active administrators there are, this unit's own changes included.
    ///
    /// Units of work that call this follow one another: a second one waits for the first to end, or fails retryably, so
    /// that two can never both count the same last two administrators. Call it before a change takes one away.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    async fn count_administrators_exclusively(&mut self) -> Result<u64, StorageError>;
}

/// What only one user can have, in the form in which it is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserNames {
    /// The name's key ([`Username::key`](crate::values::Username::key)).
    pub username_key: String,
    /// The address's key ([`EmailAddress::key`](crate::values::EmailAddress::key)).
    pub email_key: String,
    /// The name in another system.
    pub external_id: Option<String>,
    /// The uuid, where it is given and not made.
    pub uuid: Option<UserUuid>,
}

/// Why a user was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveUserError {
    /// Somebody changed the user meanwhile.
    #[error("user was changed meanwhile")]
    StaleVersion,
    /// Another user holds the username.
    #[error("username is already taken")]
    UsernameTaken,
    /// Another user holds the email address.
    #[error("email is already taken")]
    EmailTaken,
    /// Another user has the external id.
    #[error("external id is already taken")]
    ExternalIdTaken,
    /// Another user has or had the uuid.
    #[error("uuid is already taken")]
    UuidTaken,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
