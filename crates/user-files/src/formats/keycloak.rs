//! Keycloak: the users of a realm's export (`kc.sh export`), or as its admin API lists them.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::json_record::{Read, language_tag, username};
use super::raw::{Member, RawUser};
use crate::column::Column;
use crate::hashes::keycloak::Credential;

/// Keycloak's `UserRepresentation`, as far as it means something here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    id: Option<String>,
    username: Option<String>,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    enabled: Option<bool>,
    email_verified: Option<bool>,
    created_timestamp: Option<i64>,
    attributes: Option<Map<String, Value>>,
    credentials: Option<Vec<Credential>>,
    required_actions: Option<Vec<String>>,
    realm_roles: Option<Vec<String>>,
    client_roles: Option<Map<String, Value>>,
    groups: Option<Vec<String>>,
    service_account_client_id: Option<String>,
}

impl User {
    /// The accounts of services are not people.
    pub(crate) fn into_raw(self) -> Read<RawUser<'static>> {
        if self.service_account_client_id.is_some() {
            return Read::PassedOver;
        }
        let mut attributes = self.attributes.unwrap_or_default();
        let locale = attributes.remove("locale");
        let locale = locale.as_ref().and_then(first_text).map(language_tag);
        let credentials = self.credentials.unwrap_or_default();
        let password = credentials.into_iter().find(Credential::is_password);
        let wants_new_password = self.required_actions.iter().flatten().any(|action| action == "UPDATE_PASSWORD")
            || password.as_ref().is_some_and(Credential::is_temporary);
        let raw = RawUser::default()
            .with(Column::Username, username(self.username, || self.id.clone()))
            .with(Column::Email, self.email)
            .with(Column::FirstName, self.first_name)
            .with(Column::LastName, self.last_name)
            .with(Column::IsActive, self.enabled)
            .with(Column::EmailVerified, self.email_verified)
            .with(Column::MustChangePassword, wants_new_password.then_some(true))
            .with(Column::CreatedAt, self.created_timestamp.map_or(Member::Absent, Member::Milliseconds))
            .with(Column::ExternalId, self.id)
            .with(Column::Locale, locale)
            .with(
                Column::AppMetadata,
                kept([
                    ("attributes", (!attributes.is_empty()).then_some(Value::Object(attributes))),
                    ("realm_roles", self.realm_roles.map(Value::from)),
                    ("client_roles", self.client_roles.map(Value::from)),
                    ("groups", self.groups.filter(|groups| !groups.is_empty()).map(Value::from)),
                ]),
            );
        Read::User(match password {
            Some(password) => password.put_into(raw),
            None => raw,
        })
    }
}

/// An attribute's only value.
fn first_text(values: &Value) -> Option<&str> {
    let value = values.as_array().map_or(Some(values), |values| values.first())?;
    value.as_str()
}

/// What means nothing here and something to an application.
pub(super) fn kept<const N: usize>(values: [(&str, Option<Value>); N]) -> Member<'static> {
    let object: Map<_, _> =
        values.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value))).collect();
    if object.is_empty() { Member::Absent } else { Member::Object(Value::Object(object).to_string().into()) }
}
