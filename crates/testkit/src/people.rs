//! Users by number, as readers see them, and a database that knows single ones alone.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeZone as _, Utc};
use domain::ports::{StorageError, UserQueries};
use domain::query::{DeletedScope, ListUsers, UserPage};
use domain::user::UserView;
use domain::values::{Metadata, Role, UserId, UserRef, UserUuid};
use uuid::Uuid;

/// Somebody like most, the same in every run.
///
/// # Panics
///
/// If there is no such time: `number` is in microseconds.
pub fn view(number: i64) -> UserView {
    let made = Utc.timestamp_micros(1_700_000_000_000_000 + number).unwrap();
    UserView {
        id: UserId::new(number),
        uuid: uuid_of(number),
        username: format!("user-{number}"),
        email: format!("user-{number}@example.com"),
        full_name: None,
        first_name: Some("Ann".to_owned()),
        last_name: Some("Archer".to_owned()),
        role: Role::User,
        is_active: true,
        email_verified: false,
        external_id: None,
        locale: None,
        user_metadata: Metadata::empty(),
        app_metadata: Metadata::empty(),
        suspended_until: None,
        created_at: made,
        updated_at: made,
        last_login_at: Some(made),
        deleted_at: None,
        version: 1,
    }
}

/// The UUID of [`view`] `number`.
pub fn uuid_of(number: i64) -> UserUuid {
    UserUuid::new(Uuid::from_u128(u128::from(number.unsigned_abs())))
}

/// Whom a question is about.
///
/// # Panics
///
/// If it is nobody whom [`view`] makes.
pub fn number_of(user: UserRef) -> i64 {
    match user {
        UserRef::Id(id) => id.get(),
        UserRef::Uuid(uuid) => i64::try_from(uuid.get().as_u128()).expect("one of those made here"),
    }
}

/// Answers for single users.
#[async_trait]
pub trait People: Send + Sync {
    /// What [`UserQueries::find`] is to say, whatever the scope.
    async fn look_up(&self, user: UserRef) -> Result<Option<UserView>, StorageError>;
}

/// For a test that keeps hold of what answers.
#[async_trait]
impl<P: People> People for Arc<P> {
    async fn look_up(&self, user: UserRef) -> Result<Option<UserView>, StorageError> {
        P::look_up(self, user).await
    }
}

/// A database that is asked for single users only, and for those whether they are deleted or not.
#[derive(Debug, Clone)]
pub struct Only<P>(pub P);

#[async_trait]
impl<P: People> UserQueries for Only<P> {
    async fn find(&self, user: UserRef, scope: DeletedScope) -> Result<Option<UserView>, StorageError> {
        assert_eq!(scope, DeletedScope::All, "so that one entry serves every scope");
        self.0.look_up(user).await
    }

    async fn list(&self, _: &ListUsers) -> Result<UserPage, StorageError> {
        panic!("nobody lists users")
    }

    async fn export(&self, _: UserId, _: u32) -> Result<Vec<UserView>, StorageError> {
        panic!("nobody exports users")
    }

    async fn suspensions_ended(&self, _: DateTime<Utc>, _: u32) -> Result<Vec<UserUuid>, StorageError> {
        panic!("nobody looks for suspensions")
    }
}
