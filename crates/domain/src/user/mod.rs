//! A user, and the transitions that are the only way to change one.

mod change;
mod draft;
mod event;
#[cfg(test)]
mod fixture;
mod lifecycle;
mod record;
mod view;

pub use change::UserPatch;
pub use draft::UserDraft;
pub use event::{FieldChange, FieldValue, UserAction, UserEvent};
pub use lifecycle::DeletedNames;
pub use record::UserRecord;
pub use view::UserView;

use chrono::{DateTime, TimeDelta, Utc};

use crate::values::{Role, UserId, UserUuid};

/// Somebody who has an account.
///
/// Fields are private: a user changes through transitions, which return the [`UserEvent`]s to be recorded. A transition
/// that changes nothing returns no event and leaves the version alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    id: UserId,
    record: UserRecord,
    stored_version: i64,
}

impl User {
    /// The user that a database holds.
    pub fn from_stored(id: UserId, record: UserRecord) -> Self {
        let stored_version = record.version;
        Self { id, record, stored_version }
    }

    /// The number the database gave.
    pub fn id(&self) -> UserId {
        self.id
    }

    /// The public name of the user in paths, tokens and the audit trail.
    pub fn uuid(&self) -> UserUuid {
        self.record.uuid
    }

    /// What the user may do.
    pub fn role(&self) -> Role {
        self.record.role
    }

    /// Whether the user may sign in.
    pub fn is_active(&self) -> bool {
        self.record.is_active
    }

    /// Whether the user was deleted, softly.
    pub fn is_deleted(&self) -> bool {
        self.record.deleted_at.is_some()
    }

    /// Whether this is an administrator who can act: active and not deleted.
    pub fn is_active_administrator(&self) -> bool {
        self.record.role == Role::Admin && self.record.is_active && !self.is_deleted()
    }

    /// The version that saving will write; it grows by one with each saved change.
    pub fn version(&self) -> i64 {
        self.record.version
    }

    /// The version that was loaded, and that saving expects to find.
    pub fn stored_version(&self) -> i64 {
        self.stored_version
    }

    /// Whether a transition changed anything since the user was loaded.
    pub fn is_changed(&self) -> bool {
        self.record.version != self.stored_version
    }

    /// Everything there is to store.
    pub fn record(&self) -> &UserRecord {
        &self.record
    }

    /// That failed sign-ins of the user were forgotten. Nothing of the user itself changes.
    pub fn unlocked(&self) -> UserEvent {
        self.event(UserAction::Unlocked, Vec::new())
    }

    /// That the person is erased. Nothing of the user itself changes: it goes.
    pub fn purged(&self) -> UserEvent {
        self.event(UserAction::Purged, Vec::new())
    }

    /// Marks a change: one version up for all changes of one unit of work, and a time that never stands still.
    fn touch(&mut self, now: DateTime<Utc>) {
        if !self.is_changed() {
            self.record.version += 1;
            self.record.updated_at = now.max(self.record.updated_at + TimeDelta::microseconds(1));
        }
    }

    fn event(&self, action: UserAction, changes: Vec<FieldChange>) -> UserEvent {
        UserEvent { action, user: self.record.uuid, changes }
    }
}

#[cfg(test)]
mod tests {
    use super::fixture::{NOW, ann};
    use super::*;

    #[test]
    fn one_unit_of_work_makes_one_version() {
        let mut user = ann();
        user.deactivate(None, None, NOW);
        user.delete(DeletedNames::Freed, NOW);
        assert_eq!((user.stored_version(), user.version()), (1, 2));
    }

    #[test]
    fn the_time_of_the_last_change_never_stands_still() {
        let mut user = ann();
        let before = user.record().updated_at;
        user.deactivate(None, None, NOW - TimeDelta::hours(1));
        assert!(user.record().updated_at > before, "also when the clock went back");
    }

    #[test]
    fn only_an_active_living_admin_is_an_active_administrator() {
        let mut user = ann();
        assert!(!user.is_active_administrator());
        user.update(UserPatch { role: Some(Role::Admin), ..UserPatch::default() }, None, NOW);
        assert!(user.is_active_administrator());
        user.deactivate(None, None, NOW);
        assert!(!user.is_active_administrator());
        user.activate(NOW);
        user.delete(DeletedNames::Freed, NOW);
        assert!(!user.is_active_administrator());
    }
}
