//! Users on the way to a person or a program.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::user::UserView;

use super::Desk;
use crate::commands::{Failure, print};
use crate::terminal::{visible, visible_json};

/// What stands where there is nothing.
pub(super) const NOTHING: &str = "-";

impl Desk {
    /// Says what became of a user: as one line, or as the API shows them.
    pub(super) fn tell(&self, as_json: bool, user: &UserView, what: &str) -> Result<(), Failure> {
        if as_json {
            return self.print_json(user, user.deleted_at.is_some());
        }
        let (name, role) = (name_of(user), user.role);
        print(&format!("{what} {} (id {}, role {role})\n", visible(&name), self.id(user)))
    }

    pub(super) fn print_json(&self, user: &UserView, showing_deletion: bool) -> Result<(), Failure> {
        print(&(visible_json(self.json.showing_deletion(showing_deletion).one(user)) + "\n"))
    }

    /// Everything about a user, a line each.
    pub(super) fn card(&self, user: &UserView) -> String {
        let text = |value: Option<&str>| value.unwrap_or(NOTHING).to_owned();
        let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
        let mut rows = vec![
            ("id", self.id(user)),
            ("uuid", user.uuid.to_string()),
            ("username", user.username.clone()),
            ("email", user.email.clone()),
            ("email verified", yes(user.email_verified)),
            ("full name", text(user.displayed_full_name().as_deref())),
            ("first name", text(user.first_name.as_deref())),
            ("last name", text(user.last_name.as_deref())),
            ("role", user.role.to_string()),
            ("active", yes(user.is_active)),
            ("suspended until", time(user.suspended_until)),
            ("external id", text(user.external_id.as_deref())),
            ("locale", text(user.locale.as_deref())),
            ("user metadata", user.user_metadata.as_json().to_owned()),
            ("app metadata", user.app_metadata.as_json().to_owned()),
            ("created", time(Some(user.created_at))),
            ("updated", time(Some(user.updated_at))),
            ("last login", time(user.last_login_at)),
        ];
        if user.deleted_at.is_some() {
            rows.push(("deleted", time(user.deleted_at)));
        }
        let line = |(name, value): &(&str, String)| format!("{name:<16} {}", visible(value));
        rows.iter().map(line).collect::<Vec<_>>().join("\n") + "\n"
    }
}

/// How a user is spoken of.
pub(super) fn name_of(user: &UserView) -> String {
    format!("{} <{}>", user.username, user.email)
}

/// A time as people read it, good for `--created-after`.
pub(super) fn time(time: Option<DateTime<Utc>>) -> String {
    time.map_or_else(|| NOTHING.to_owned(), |time| time.to_rfc3339_opts(SecondsFormat::Secs, true))
}
