//! What access tokens are signed with.

use infra_crypto::{
    AsymmetricAlgorithm, AsymmetricKeys, JwtSecret, JwtSettings, JwtTokens, ReadKeyError, ShortJwtSecret, SigningKeys,
};
use secrecy::{ExposeSecret as _, SecretString};
use settings::{JwtKeys, KeyFile, Settings};

use crate::commands::Failure;

/// Access tokens, signed as the settings say. Development makes a secret that is missing, and keeps it.
pub(crate) fn access_tokens(settings: &Settings) -> Result<JwtTokens, Failure> {
    let keys = match settings.jwt_keys()? {
        JwtKeys::Hs256 { secret, previous } => SigningKeys::Hs256 {
            secret: hmac_secret("JWT_SECRET", secret)?,
            previous: previous.map(|previous| hmac_secret("JWT_SECRET_PREVIOUS", previous)).transpose()?,
        },
        JwtKeys::EdDsa { private_key, previous } => key_pairs(AsymmetricAlgorithm::EdDsa, &private_key, &previous)?,
        JwtKeys::Es256 { private_key, previous } => key_pairs(AsymmetricAlgorithm::Es256, &private_key, &previous)?,
    };
    let (issuer, audience) = (settings.jwt_issuer.clone(), settings.jwt_audience.clone());
    Ok(JwtTokens::new(JwtSettings { issuer, audience, keys }))
}

fn hmac_secret(setting: &str, text: SecretString) -> Result<JwtSecret, Failure> {
    JwtSecret::new(text).map_err(|error: ShortJwtSecret| Failure::new(format!("{setting}: {error}")))
}

fn key_pairs(algorithm: AsymmetricAlgorithm, private: &KeyFile, previous: &[KeyFile]) -> Result<SigningKeys, Failure> {
    let mut keys = AsymmetricKeys::from_pem(algorithm, bytes(private))
        .map_err(|error| unusable("JWT_PRIVATE_KEY_FILE", private, &error))?;
    for file in previous {
        keys.accept_previous(bytes(file)).map_err(|error| unusable("JWT_PREVIOUS_KEY_FILES", file, &error))?;
    }
    Ok(SigningKeys::Asymmetric(keys))
}

fn bytes(file: &KeyFile) -> &[u8] {
    file.text.expose_secret().as_bytes()
}

fn unusable(setting: &str, file: &KeyFile, error: &ReadKeyError) -> Failure {
    Failure::new(format!("{setting}: {} cannot be used: {error}", file.path.display()))
}
