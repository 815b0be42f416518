//! Who may do what to whom.

use domain::access::{Actor, Permission};
use domain::user::{User, UserEvent, UserView};
use domain::values::{Role, UserUuid};

/// Whether the actor may know that this user exists.
///
/// Whoever may not is answered as if nobody were there, so that 403 and 404 tell nothing apart.
pub(crate) fn may_see(actor: &Actor, user: UserUuid) -> bool {
    actor.is(user) || actor.may(Permission::UsersRead)
}

/// Whether the actor may do to this user what only some of the staff may: deactivate, activate.
///
/// A moderator who was demoted a moment ago may still come as one, but not to let themself in again.
pub(crate) fn may_assist(actor: &Actor, user: &User) -> bool {
    let assists = actor.may(Permission::UsersAssist) && user.role() == Role::User && !actor.is(user.uuid());
    assists || actor.may(Permission::UsersUpdate)
}

/// Whether the actor may see and end the sessions of this user: their own, those of users, or those of anybody whom they
/// may change in any way.
pub(crate) fn may_manage_sessions(actor: &Actor, user: &UserView) -> bool {
    let manages = actor.may(Permission::SessionsManage);
    actor.is(user.uuid) || (manages && (user.role == Role::User || actor.may(Permission::UsersUpdate)))
}

/// Whether the actor may read what the audit trail holds about this user: the trail as a whole, or that of users whom they
/// assist.
pub(crate) fn may_read_trail_of(actor: &Actor, user: &UserView) -> bool {
    let assists = actor.may(Permission::UsersAssist) && user.role == Role::User && !actor.is(user.uuid);
    assists || actor.may(Permission::AuditRead)
}

/// Whether the actor may change every field that these events changed of a user who was `before`.
///
/// Only what really changed counts: a member that is sent back as it was is nobody's offence.
pub(crate) fn may_change(actor: &Actor, before: &User, events: &[UserEvent]) -> bool {
    events.iter().flat_map(|event| &event.changes).all(|change| may_change_field(actor, before, change.field))
}

fn may_change_field(actor: &Actor, before: &User, field: &str) -> bool {
    if actor.may(Permission::UsersUpdate) {
        return true;
    }
    let is_self = actor.is(before.uuid());
    match field {
        "full_name" | "first_name" | "last_name" | "locale" | "user_metadata" => is_self || may_assist(actor, before),
        "is_active" | "status_reason" | "suspended_until" => may_assist(actor, before),
        "username" | "email" | "password" => is_self,
        _ => false,
    }
}
