//! Firebase: what `firebase auth:export` writes, as JSON and as CSV.

use std::borrow::Cow;

use serde::Deserialize;

use super::raw::{Member, RawUser};
use crate::column::Column;
use crate::hashes::{FirebaseScrypt, firebase};

/// A user of Firebase, as far as it means something here.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct User {
    local_id: Option<String>,
    email: Option<String>,
    email_verified: Option<bool>,
    password_hash: Option<String>,
    salt: Option<String>,
    display_name: Option<String>,
    created_at: Option<Moment>,
    disabled: Option<bool>,
    /// JSON in a text.
    custom_attributes: Option<String>,
}

/// Milliseconds since 1970, in a text or as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Moment {
    Text(String),
    Number(i64),
}

/// How many columns every row of a CSV has at least; the claims behind them were added later.
pub(crate) const FEWEST_COLUMNS: usize = 26;

impl User {
    /// A row of a CSV, which has no header: columns are known by their place.
    pub(crate) fn from_row(cells: &[Cow<'_, str>]) -> Self {
        let cell =
            |number: usize| cells.get(number).filter(|cell| !cell.is_empty()).map(|cell| cell.clone().into_owned());
        let flag = |number| cell(number).map(|text| text == "true");
        Self {
            local_id: cell(0),
            email: cell(1),
            email_verified: flag(2),
            password_hash: cell(3),
            salt: cell(4),
            display_name: cell(5),
            created_at: cell(23).map(Moment::Text),
            disabled: flag(26),
            custom_attributes: cell(27),
        }
    }

    pub(crate) fn into_raw(self, scrypt: Option<&FirebaseScrypt>) -> RawUser<'static> {
        let hash = self.password_hash.filter(|hash| !hash.is_empty());
        let hash = hash.map_or(Member::Absent, |hash| firebase::member(&hash, self.salt.as_deref(), scrypt));
        let created_at = match self.created_at {
            None => Member::Absent,
            Some(Moment::Number(since)) => Member::Milliseconds(since),
            Some(Moment::Text(text)) => text.parse().map_or(Member::Other, Member::Milliseconds),
        };
        let claims = self.custom_attributes.filter(|json| !json.is_empty());
        RawUser::default()
            // There are no usernames, and the part of an address before the @ belongs to many.
            .with(Column::Username, self.local_id.clone())
            .with(Column::Email, self.email)
            .with(Column::PasswordHash, hash)
            .with(Column::FullName, self.display_name)
            .with(Column::IsActive, self.disabled.map(|disabled| !disabled))
            .with(Column::EmailVerified, self.email_verified)
            .with(Column::CreatedAt, created_at)
            .with(Column::AppMetadata, claims.map_or(Member::Absent, |json| Member::Object(json.into())))
            .with(Column::ExternalId, self.local_id)
    }
}
