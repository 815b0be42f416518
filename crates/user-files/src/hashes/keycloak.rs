//! Keycloak's credentials: PBKDF2 and Argon2, in JSON inside of texts.

use std::collections::HashMap;

use domain::violation::Violation;
use serde::Deserialize;

use super::encodings::{from_base64, to_base64};
use super::texts::{Digest, pbkdf2};
use crate::column::Column;
use crate::formats::raw::{Member, RawUser};

/// A credential of a user, of any type.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credential {
    #[serde(rename = "type")]
    kind: Option<String>,
    temporary: Option<bool>,
    /// The password itself, in files that people wrote to be imported.
    value: Option<String>,
    #[serde(rename = "credentialData")]
    data: Option<String>,
    #[serde(rename = "secretData")]
    secret: Option<String>,
    // Until Keycloak 8.
    algorithm: Option<String>,
    hash_iterations: Option<u64>,
    hashed_salted_value: Option<String>,
    salt: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialData {
    algorithm: String,
    #[serde(default)]
    hash_iterations: u64,
    additional_parameters: Option<HashMap<String, Vec<String>>>,
}

#[derive(Deserialize)]
struct SecretData {
    value: String,
    salt: Option<String>,
}

impl Credential {
    pub(crate) fn is_password(&self) -> bool {
        self.kind.as_deref() == Some("password")
    }

    pub(crate) fn is_temporary(&self) -> bool {
        self.temporary == Some(true)
    }

    /// The user with this password.
    pub(crate) fn put_into(self, raw: RawUser<'static>) -> RawUser<'static> {
        if let Some(password) = self.value {
            return raw.with(Column::Password, Member::Text(password.into()));
        }
        let hash = self.into_hash();
        raw.with(Column::PasswordHash, hash.map_or_else(Member::Wrong, |hash| Member::Text(hash.into())))
    }

    fn into_hash(self) -> Result<String, Violation> {
        if let (Some(data), Some(secret)) = (self.data, self.secret) {
            let data = serde_json::from_str(&data).map_err(|_| unreadable("credentialData"))?;
            let secret = serde_json::from_str(&secret).map_err(|_| unreadable("secretData"))?;
            return convert(&data, &secret);
        }
        let data = CredentialData {
            algorithm: self.algorithm.unwrap_or_else(|| "pbkdf2".to_owned()),
            hash_iterations: self.hash_iterations.unwrap_or_default(),
            additional_parameters: None,
        };
        let value = self.hashed_salted_value.ok_or_else(|| unreadable("secretData"))?;
        convert(&data, &SecretData { value, salt: self.salt })
    }
}

fn convert(data: &CredentialData, secret: &SecretData) -> Result<String, Violation> {
    let salt = secret.salt.as_deref().and_then(from_base64).ok_or_else(|| unreadable("salt"));
    let value = from_base64(&secret.value).ok_or_else(|| unreadable("value"));
    let digest = match data.algorithm.as_str() {
        // Plugins for bcrypt keep the whole text.
        "bcrypt" => return Ok(secret.value.clone()),
        "argon2" => return argon2(data, &salt?, &value?).ok_or_else(|| unreadable("additionalParameters")),
        "pbkdf2" => Digest::Sha1,
        "pbkdf2-sha256" => Digest::Sha256,
        "pbkdf2-sha512" => Digest::Sha512,
        _ => {
            let detail = "Keycloak's algorithm is none of pbkdf2, pbkdf2-sha256, pbkdf2-sha512, argon2 and bcrypt";
            return Err(Violation::new("unsupported_hash", detail));
        }
    };
    pbkdf2(digest, data.hash_iterations, &salt?, &value?).ok_or_else(|| unreadable("value"))
}

fn argon2(data: &CredentialData, salt: &[u8], value: &[u8]) -> Option<String> {
    let parameters = data.additional_parameters.as_ref()?;
    let parameter = |name: &str| parameters.get(name)?.first().map(String::as_str);
    let kind @ ("id" | "i" | "d") = parameter("type")? else { return None };
    let version = match parameter("version")? {
        "1.3" => 19,
        "1.0" => 16,
        _ => return None,
    };
    let number = |name| parameter(name)?.parse::<u32>().ok();
    let (memory, lanes) = (number("memory")?, number("parallelism")?);
    let (passes, salt, value) = (data.hash_iterations, to_base64(salt), to_base64(value));
    Some(format!("$argon2{kind}$v={version}$m={memory},t={passes},p={lanes}${salt}${value}"))
}

fn unreadable(what: &str) -> Violation {
    Violation::new("unsupported_hash", format!("The {what} of Keycloak's credential cannot be read"))
}
