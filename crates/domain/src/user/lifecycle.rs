//! Active or not, deleted or not.

use chrono::{DateTime, Utc};

use super::{FieldChange, FieldValue, User, UserAction, UserEvent};
use crate::values::StatusReason;

/// What becomes of a deleted user's name and address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeletedNames {
    /// Others may take them at once.
    #[default]
    Freed,
    /// They stay taken.
    Reserved,
}

impl User {
    /// Keeps the user from signing in, for good or until a moment.
    ///
    /// Deactivating an inactive user changes the reason and the end, if they differ; otherwise nothing.
    pub fn deactivate(
        &mut self,
        reason: Option<StatusReason>,
        until: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Vec<UserEvent> {
        let changes = self.set_status(false, reason, until, now);
        self.status_event(UserAction::Deactivated, changes)
    }

    /// Lets the user sign in again. Activating an active user changes nothing.
    pub fn activate(&mut self, now: DateTime<Utc>) -> Vec<UserEvent> {
        if self.record.is_active {
            return Vec::new();
        }
        let changes = self.set_status(true, None, None, now);
        self.status_event(UserAction::Activated, changes)
    }

    /// Lets the user sign in again if the deactivation's end has come.
    pub fn end_suspension(&mut self, now: DateTime<Utc>) -> Vec<UserEvent> {
        match self.record.suspended_until {
            Some(until) if until <= now && !self.is_deleted() => self.activate(now),
            Some(_) | None => Vec::new(),
        }
    }

    /// Deletes the user, softly. Deleting a deleted user changes nothing.
    pub fn delete(&mut self, names: DeletedNames, now: DateTime<Utc>) -> Vec<UserEvent> {
        if self.is_deleted() {
            return Vec::new();
        }
        self.record.holds_names = names == DeletedNames::Reserved;
        self.record.auth_epoch += 1;
        self.set_deleted_at(Some(now), UserAction::Deleted, now)
    }

    /// Brings a deleted user back. Restoring a living user changes nothing.
    ///
    /// Saving may conflict, as name and address may be somebody else's by now.
    pub fn restore(&mut self, now: DateTime<Utc>) -> Vec<UserEvent> {
        if !self.is_deleted() {
            return Vec::new();
        }
        self.record.holds_names = true;
        self.set_deleted_at(None, UserAction::Restored, now)
    }

    fn set_deleted_at(&mut self, at: Option<DateTime<Utc>>, action: UserAction, now: DateTime<Utc>) -> Vec<UserEvent> {
        let (old, new) = (FieldValue::time(self.record.deleted_at), FieldValue::time(at));
        self.record.deleted_at = at;
        self.touch(now);
        vec![self.event(action, vec![FieldChange { field: "deleted_at", old, new }])]
    }

    fn set_status(
        &mut self,
        is_active: bool,
        reason: Option<StatusReason>,
        until: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Vec<FieldChange> {
        let reason_text = |reason: &Option<StatusReason>| FieldValue::text(reason.as_ref().map(StatusReason::as_str));
        let pairs = [
            ("is_active", FieldValue::Bool(self.record.is_active), FieldValue::Bool(is_active)),
            ("status_reason", reason_text(&self.record.status_reason), reason_text(&reason)),
            ("suspended_until", FieldValue::time(self.record.suspended_until), FieldValue::time(until)),
        ];
        let changes: Vec<_> = pairs
            .into_iter()
            .filter(|(_, old, new)| old != new)
            .map(|(field, old, new)| FieldChange { field, old, new })
            .collect();
        if !changes.is_empty() {
            if self.record.is_active && !is_active {
                self.record.auth_epoch += 1;
            }
            self.record.is_active = is_active;
            self.record.status_reason = reason;
            self.record.suspended_until = until;
            self.touch(now);
        }
        changes
    }

    fn status_event(&self, action: UserAction, changes: Vec<FieldChange>) -> Vec<UserEvent> {
        if changes.is_empty() { Vec::new() } else { vec![self.event(action, changes)] }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::fixture::{NOW, ann};
    use super::*;

    fn reason(text: &str) -> StatusReason {
        StatusReason::parse(text).unwrap()
    }

    #[test]
    fn deactivating_says_what_changed_and_ends_access() {
        let mut user = ann();
        let events = user.deactivate(Some(reason("abuse")), None, NOW);
        let [event] = events.as_slice() else { panic!("one event, not {events:?}") };
        assert_eq!(event.action, UserAction::Deactivated);
        assert_eq!(event.changes.iter().map(|change| change.field).collect::<Vec<_>>(), ["is_active", "status_reason"]);
        assert!(!user.is_active());
        assert_eq!(user.record().auth_epoch, 1);
    }

    #[test]
    fn deactivating_twice_changes_nothing() {
        let mut user = ann();
        user.deactivate(Some(reason("abuse")), None, NOW);
        let version = user.version();
        assert_eq!(user.deactivate(Some(reason("abuse")), None, NOW), []);
        assert_eq!(user.version(), version);
    }

    #[test]
    fn deactivating_for_another_reason_changes_the_reason_alone() {
        let mut user = ann();
        user.deactivate(Some(reason("abuse")), None, NOW);
        let events = user.deactivate(Some(reason("fraud")), None, NOW);
        assert_eq!(events[0].changes.iter().map(|change| change.field).collect::<Vec<_>>(), ["status_reason"]);
        assert_eq!(user.record().auth_epoch, 1);
    }

    #[test]
    fn activating_forgets_reason_and_end() {
        let mut user = ann();
        user.deactivate(Some(reason("holiday")), Some(NOW + TimeDelta::days(1)), NOW);
        assert_eq!(user.activate(NOW)[0].action, UserAction::Activated);
        assert_eq!((user.record().status_reason.clone(), user.record().suspended_until), (None, None));
        assert_eq!(user.activate(NOW), []);
    }

    #[test]
    fn a_suspension_ends_at_its_time_and_not_before() {
        let mut user = ann();
        let until = NOW + TimeDelta::minutes(5);
        user.deactivate(None, Some(until), NOW);
        assert_eq!(user.end_suspension(until - TimeDelta::microseconds(1)), []);
        assert_eq!(user.end_suspension(until)[0].action, UserAction::Activated);
        assert_eq!(user.end_suspension(until), []);
    }

    #[test]
    fn a_deleted_user_stays_suspended() {
        let mut user = ann();
        user.deactivate(None, Some(NOW + TimeDelta::minutes(5)), NOW);
        user.delete(DeletedNames::Freed, NOW);
        assert_eq!(user.end_suspension(NOW + TimeDelta::hours(1)), []);
    }

    #[test]
    fn deleting_frees_the_names_unless_they_are_reserved() {
        for (names, holds) in [(DeletedNames::Freed, false), (DeletedNames::Reserved, true)] {
            let mut user = ann();
            assert_eq!(user.delete(names, NOW)[0].action, UserAction::Deleted);
            assert_eq!(user.record().holds_names, holds);
            assert_eq!(user.delete(names, NOW), []);
        }
    }

    #[test]
    fn restoring_takes_the_names_again() {
        let mut user = ann();
        assert_eq!(user.restore(NOW), []);
        user.delete(DeletedNames::Freed, NOW);
        assert_eq!(user.restore(NOW)[0].action, UserAction::Restored);
        assert!(user.record().holds_names && !user.is_deleted());
    }
}
