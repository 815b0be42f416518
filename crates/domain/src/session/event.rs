//! What happened to a session: the raw material of the audit trail.

use crate::user::{FieldChange, FieldValue};
use crate::values::{SessionId, UserUuid};

/// One thing that happened to one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEvent {
    /// What happened.
    pub action: SessionAction,
    /// To which session.
    pub session: SessionId,
    /// Whose it is.
    pub user: UserUuid,
}

/// The kinds of things that happen to sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionAction {
    /// Somebody signed in.
    Created,
    /// It ended before its time.
    Revoked(RevocationReason),
}

/// Why a session ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RevocationReason {
    /// Its holder signed out.
    Logout,
    /// Its owner ended it from another one.
    Owner,
    /// One of the staff ended it.
    Administrator,
    /// A refresh token was shown again that had been spent: somebody has a copy.
    RefreshReused,
    /// The password changed.
    PasswordChanged,
    /// The user was deactivated.
    Deactivated,
    /// The user was deleted.
    Deleted,
}

impl RevocationReason {
    /// The reason's name in the audit trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::Owner => "owner",
            Self::Administrator => "administrator",
            Self::RefreshReused => "refresh_reused",
            Self::PasswordChanged => "password_changed",
            Self::Deactivated => "deactivated",
            Self::Deleted => "deleted",
        }
    }
}

impl SessionEvent {
    /// The action's name in the audit trail.
    pub const fn action_name(&self) -> &'static str {
        match self.action {
            SessionAction::Created => "session.created",
            SessionAction::Revoked(_) => "session.revoked",
        }
    }

    /// What the audit trail shows as changed.
    pub fn changes(&self) -> Vec<FieldChange> {
        match self.action {
            SessionAction::Created => Vec::new(),
            SessionAction::Revoked(reason) => {
                let new = FieldValue::text(Some(reason.as_str()));
                vec![FieldChange { field: "reason", old: FieldValue::Null, new }]
            }
        }
    }
}
