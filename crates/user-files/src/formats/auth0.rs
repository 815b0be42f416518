//! Auth0: users as it exports them with their hashes, and as its bulk import takes them.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::json_record::{language_tag, username};
use super::raw::{Member, RawUser};
use crate::column::Column;
use crate::hashes::auth0::CustomHash;

/// A user of Auth0, as far as it means something here.
#[derive(Deserialize)]
pub(crate) struct User {
    #[serde(rename = "_id")]
    mongo_id: Option<Value>,
    #[serde(rename = "user_id")]
    id: Option<String>,
    username: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    locale: Option<String>,
    blocked: Option<bool>,
    created_at: Option<Value>,
    #[serde(rename = "user_metadata")]
    own_metadata: Option<Box<RawValue>>,
    app_metadata: Option<Box<RawValue>>,
    #[serde(alias = "passwordHash")]
    password_hash: Option<String>,
    custom_password_hash: Option<CustomHash>,
}

impl User {
    pub(crate) fn into_raw(self) -> RawUser<'static> {
        let id = self.id.or_else(|| self.mongo_id.as_ref().and_then(object_id));
        // `auth0|507f1f77bcf86cd799439020`: a username has no such sign, and is no longer than 50 characters.
        let bare_id = || id.as_ref().map(|id| id.rsplit_once('|').map_or(id.as_str(), |(_, id)| id).to_owned());
        // Where nobody gave a name, Auth0 puts the address in its place.
        let name = self.name.filter(|name| Some(name) != self.email.as_ref());
        let hash = match (self.password_hash, self.custom_password_hash) {
            (Some(hash), _) => Member::Text(hash.into()),
            (None, Some(hash)) => hash.into_member(),
            (None, None) => Member::Absent,
        };
        RawUser::default()
            .with(Column::Username, username(self.username, bare_id))
            .with(Column::Email, self.email)
            .with(Column::PasswordHash, hash)
            .with(Column::FullName, name)
            .with(Column::FirstName, self.given_name)
            .with(Column::LastName, self.family_name)
            .with(Column::IsActive, self.blocked.map(|blocked| !blocked))
            .with(Column::EmailVerified, self.email_verified)
            .with(Column::CreatedAt, self.created_at.as_ref().and_then(date))
            .with(Column::Locale, self.locale.as_deref().map(language_tag))
            .with(Column::UserMetadata, object(self.own_metadata))
            .with(Column::AppMetadata, object(self.app_metadata))
            .with(Column::ExternalId, id)
    }
}

/// The extended JSON of `MongoDB`, `{"$oid": "…"}`, is what the export's ids are in.
fn object_id(id: &Value) -> Option<String> {
    let text = id.get("$oid").unwrap_or(id).as_str()?;
    Some(format!("auth0|{text}"))
}

/// A text, or `{"$date": "…"}`.
fn date(date: &Value) -> Option<String> {
    date.get("$date").unwrap_or(date).as_str().map(str::to_owned)
}

fn object(raw: Option<Box<RawValue>>) -> Member<'static> {
    match raw {
        Some(raw) if raw.get() != "null" => Member::Object(raw.get().to_owned().into()),
        Some(_) | None => Member::Absent,
    }
}
