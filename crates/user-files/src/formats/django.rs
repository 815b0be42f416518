//! Django: what `manage.py dumpdata` writes as JSON, with `auth.user` or a user model of the project's own.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::json_record::{Read, username};
use super::keycloak::kept;
use super::raw::{Member, RawUser};
use crate::column::Column;

/// A row of any table.
#[derive(Deserialize)]
pub(crate) struct Entry {
    pk: Option<Value>,
    fields: Option<Map<String, Value>>,
}

impl Entry {
    /// What has no password is of another table.
    pub(crate) fn into_raw(self) -> Read<RawUser<'static>> {
        let Some(mut fields) = self.fields.filter(|fields| fields.contains_key("password")) else {
            return Read::PassedOver;
        };
        let id = match self.pk {
            Some(Value::String(text)) => Some(text),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let name = match fields.remove("username") {
            Some(Value::String(name)) => Some(name),
            _ => None,
        };
        let mut member = |name: &str| match fields.remove(name) {
            None | Some(Value::Null) => Member::Absent,
            Some(Value::String(text)) => Member::Text(text.into()),
            Some(Value::Bool(flag)) => Member::Flag(flag),
            Some(_) => Member::Other,
        };
        let hash = match member("password") {
            // `!` and random characters mark that there is none.
            Member::Text(text) if text.is_empty() || text.starts_with('!') => Member::Absent,
            member => member,
        };
        let raw = RawUser::default()
            // A number of fewer than three digits is no username, and one of more looks like an id of ours.
            .with(Column::Username, username(name, || id.as_ref().map(|id| format!("user-{id}"))))
            .with(Column::Email, member("email"))
            .with(Column::PasswordHash, hash)
            .with(Column::FirstName, member("first_name"))
            .with(Column::LastName, member("last_name"))
            .with(Column::IsActive, member("is_active"))
            .with(Column::CreatedAt, member("date_joined"))
            .with(Column::ExternalId, id);
        let mut worth_keeping = |name| {
            fields.remove(name).filter(|value| value != &Value::Bool(false) && value != &Value::Array(Vec::new()))
        };
        let app_metadata = kept([
            ("is_superuser", worth_keeping("is_superuser")),
            ("is_staff", worth_keeping("is_staff")),
            ("groups", worth_keeping("groups")),
        ]);
        Read::User(raw.with(Column::AppMetadata, app_metadata))
    }
}
