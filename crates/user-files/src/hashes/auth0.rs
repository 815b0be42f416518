//! Auth0's `custom_password_hash`, as its bulk import takes it.

use domain::violation::Violation;
use serde::Deserialize;

use super::encodings::{from_base64, from_hex};
use super::texts::{Digest, pbkdf2, scrypt};
use crate::formats::raw::Member;

/// A hash and how it was made.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomHash {
    algorithm: String,
    hash: Encoded,
    salt: Option<Encoded>,
    cost: Option<u64>,
    block_size: Option<u64>,
    parallelization: Option<u64>,
}

#[derive(Deserialize)]
struct Encoded {
    value: String,
    encoding: Option<String>,
}

impl Encoded {
    fn bytes(&self) -> Option<Vec<u8>> {
        match self.encoding.as_deref() {
            Some("hex") => from_hex(&self.value),
            Some("base64") => from_base64(&self.value),
            Some("utf8") | None => Some(self.value.clone().into_bytes()),
            Some(_) => None,
        }
    }
}

impl CustomHash {
    pub(crate) fn into_member(self) -> Member<'static> {
        let text = match self.algorithm.as_str() {
            "bcrypt" | "argon2" => Some(self.hash.value),
            "pbkdf2" => from_phc(&self.hash.value),
            "scrypt" => self.scrypt(),
            _ => {
                let detail = "Of Auth0's algorithms, only bcrypt, argon2, pbkdf2 and scrypt are verified here";
                return Member::Wrong(Violation::new("unsupported_hash", detail));
            }
        };
        let unreadable =
            || Violation::new("unsupported_hash", "The parts of Auth0's custom_password_hash do not fit together");
        text.map_or_else(|| Member::Wrong(unreadable()), |text| Member::Text(text.into()))
    }

    fn scrypt(&self) -> Option<String> {
        let salt = self.salt.as_ref()?.bytes()?;
        // As Node.js has them where they are left out.
        let (cost, block_size) = (self.cost.unwrap_or(16384), self.block_size.unwrap_or(8));
        scrypt(cost, block_size, self.parallelization.unwrap_or(1), &salt, &self.hash.bytes()?)
    }
}

/// `$pbkdf2-sha512$i=100000,l=64$salt$hash`, as passlib writes it.
fn from_phc(text: &str) -> Option<String> {
    let parts: Vec<_> = text.strip_prefix('$')?.split('$').collect();
    let [kind, parameters, salt, derived] = parts.as_slice() else { return None };
    let digest = match *kind {
        "pbkdf2" | "pbkdf2-sha1" => Digest::Sha1,
        "pbkdf2-sha256" => Digest::Sha256,
        "pbkdf2-sha512" => Digest::Sha512,
        _ => return None,
    };
    let iterations = parameters.split(',').find_map(|parameter| parameter.strip_prefix("i="))?.parse().ok()?;
    pbkdf2(digest, iterations, &from_base64(salt)?, &from_base64(derived)?)
}
