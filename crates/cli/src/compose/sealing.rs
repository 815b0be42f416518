//! What seals, and what signs the audit trail: the present keys, and the ones before them.

use infra_crypto::{
    Ed25519AuditSigner, EncryptionKey, HmacSecretGenerator, XChaChaCopySealer, XChaChaCursorSealer,
    XChaChaOutcomeSealer, XChaChaSubjectSealer,
};
use secrecy::ExposeSecret as _;
use settings::Settings;

use crate::commands::Failure;

/// The encryption key, and the ones before it, of which what they sealed still opens.
pub(crate) struct EncryptionKeys {
    pub(crate) current: EncryptionKey,
    pub(crate) previous: Vec<EncryptionKey>,
}

impl EncryptionKeys {
    /// The key that is set, or the one that is kept; development makes one that is missing.
    pub(crate) fn of(settings: &Settings) -> Result<Self, Failure> {
        let current = EncryptionKey::new(*settings.encryption_key()?.expose_secret());
        let previous = settings.previous_encryption_keys();
        Ok(Self { current, previous: previous.iter().map(|key| EncryptionKey::new(*key.expose_secret())).collect() })
    }

    pub(crate) fn subjects(&self) -> XChaChaSubjectSealer {
        self.previous.iter().fold(XChaChaSubjectSealer::new(&self.current), XChaChaSubjectSealer::knowing)
    }

    pub(super) fn cursors(&self) -> XChaChaCursorSealer {
        self.previous.iter().fold(XChaChaCursorSealer::new(&self.current), XChaChaCursorSealer::knowing)
    }

    pub(super) fn outcomes(&self) -> XChaChaOutcomeSealer {
        XChaChaOutcomeSealer::new(&self.current)
    }

    pub(super) fn copies(&self) -> XChaChaCopySealer {
        XChaChaCopySealer::new(&self.current)
    }

    pub(super) fn secrets(&self) -> HmacSecretGenerator {
        HmacSecretGenerator::new(&self.current)
    }
}

/// What the audit trail is signed with; development makes a key that is missing.
pub(crate) fn audit_signer(settings: &Settings) -> Result<Ed25519AuditSigner, Failure> {
    let signer = Ed25519AuditSigner::new(settings.audit_signing_key()?.expose_secret());
    let previous = settings.previous_audit_signing_keys();
    Ok(previous.iter().fold(signer, |signer, seed| signer.knowing(seed.expose_secret())))
}
