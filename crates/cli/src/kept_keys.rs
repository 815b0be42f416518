//! The keys that the database's contents need: with others nothing is done.
//!
//! The database keeps a fingerprint of each. Another key takes its place where the one before it is still known; what that
//! one sealed or signed is known by it.

use std::path::PathBuf;

use application::KeyRotation;
use domain::ports::{Backoff as _, Clock as _, StorageError};
use domain::values::Digest;
use infra_crypto::Ed25519AuditSigner;
use secrecy::{ExposeSecret as _, SecretBox};
use settings::{Settings, SettingsError};

use crate::backoff::FullJitter;
use crate::clock::SystemClock;
use crate::commands::Failure;
use crate::compose::EncryptionKeys;
use crate::database::Database;

/// A key that the database knows by its fingerprint.
#[derive(Debug, Clone, Copy)]
pub(crate) enum KeptKey {
    Encryption,
    AuditSigning,
}

/// All of them.
pub(crate) const KEPT_KEYS: [KeptKey; 2] = [KeptKey::Encryption, KeptKey::AuditSigning];

/// How the database knows the keys of the settings.
struct Fingerprints {
    current: Digest,
    previous: Vec<Digest>,
}

impl Fingerprints {
    fn knows(&self, kept: &Digest) -> bool {
        self.current == *kept || self.previous.contains(kept)
    }
}

/// Whether the database has been used with the keys of the settings, or with ones before them that are known; none yet is
/// as good.
///
/// Makes no key where one is missing that the database needs, as that would only be another one.
///
/// # Errors
///
/// A line that says what would do, if the database was used with another key.
pub(crate) async fn compare(settings: &Settings, database: &Database) -> Result<(), Failure> {
    for key in KEPT_KEYS {
        key.compare(settings, database).await?;
    }
    Ok(())
}

/// The same for the service and for whatever writes to the database: these keys are the database's from then on.
///
/// # Errors
///
/// As [`compare`]; of services that begin with different keys at once one goes on.
pub(crate) async fn keep(settings: &Settings, database: &Database) -> Result<(), Failure> {
    for key in KEPT_KEYS {
        key.keep(settings, database).await?;
    }
    Ok(())
}

/// Whether people's keys can be opened: the encryption key that wraps one of them may have been forgotten too early.
///
/// # Errors
///
/// A line that says what would do.
pub(crate) async fn check_peoples_keys(rotation: &KeyRotation) -> Result<(), Failure> {
    match rotation.is_remainder_known().await {
        Ok(None | Some(true)) => Ok(()),
        Ok(Some(false)) => Err(Failure::new(format!("ENCRYPTION_KEY_PREVIOUS: {STILL_WRAPPED}"))),
        Err(error) => Err(Failure::because("people's keys cannot be read", &error)),
    }
}

/// Why it was too early, and what to do.
pub(crate) const STILL_WRAPPED: &str = "people's keys are wrapped with an encryption key that is not known; set \
                                        ENCRYPTION_KEY_PREVIOUS to the key before ENCRYPTION_KEY, and leave it out once \
                                        `usermgmt keys rotate` finds nothing left to do";

impl KeptKey {
    /// Whether the database has been used with this key; `false` if it was used with none yet.
    pub(crate) async fn compare(self, settings: &Settings, database: &Database) -> Result<bool, Failure> {
        self.kept(settings, database).await.map(|kept| kept.is_some())
    }

    /// The fingerprint that the database keeps, which is one of ours.
    async fn kept(self, settings: &Settings, database: &Database) -> Result<Option<Digest>, Failure> {
        let kept = database.fingerprints().kept(self.name()).await.map_err(|error| self.unknown(&error))?;
        let Some(kept) = kept else { return Ok(None) };
        if !self.is_set(settings) && !self.file(settings).exists() {
            return Err(self.differs(settings, &format!("a key, and {} is not there", self.file(settings).display())));
        }
        let ours = self.fingerprints(settings)?;
        if ours.knows(&kept) { Ok(Some(kept)) } else { Err(self.another(settings)) }
    }

    async fn keep(self, settings: &Settings, database: &Database) -> Result<(), Failure> {
        let kept = self.kept(settings, database).await?;
        let ours = self.fingerprints(settings)?;
        if kept == Some(ours.current) {
            return Ok(());
        }
        let fingerprints = database.fingerprints();
        let mut attempts = FullJitter.start();
        let kept = loop {
            let now = SystemClock.now();
            let kept = match fingerprints.keep(self.name(), ours.current, now).await {
                Ok(kept) if ours.previous.contains(&kept) => {
                    let replaced = fingerprints.replace(self.name(), kept, ours.current, now).await;
                    replaced.map(|replaced| replaced.unwrap_or(kept))
                }
                kept => kept,
            };
            match kept {
                Err(error) if error.is_retryable() && attempts.another().await => {}
                kept => break kept.map_err(|error| self.unknown(&error))?,
            }
        };
        if ours.knows(&kept) { Ok(()) } else { Err(self.another(settings)) }
    }

    /// Whether the key's file is there and holds no key.
    pub(crate) fn is_spoilt(self, settings: &Settings) -> bool {
        !self.is_set(settings) && self.file(settings).exists() && self.read(settings).is_err()
    }

    /// The key that is set, or the one in the file, which is made where it is missing.
    pub(crate) fn read(self, settings: &Settings) -> Result<SecretBox<[u8; 32]>, SettingsError> {
        match self {
            Self::Encryption => settings.encryption_key(),
            Self::AuditSigning => settings.audit_signing_key(),
        }
    }

    /// What it is called where people read it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Encryption => "encryption key",
            Self::AuditSigning => "audit signing key",
        }
    }

    /// What it is called in the database.
    const fn name(self) -> &'static str {
        match self {
            Self::Encryption => "encryption_key",
            Self::AuditSigning => "audit_signing_key",
        }
    }

    pub(crate) const fn setting(self) -> &'static str {
        match self {
            Self::Encryption => "ENCRYPTION_KEY",
            Self::AuditSigning => "AUDIT_SIGNING_KEY",
        }
    }

    const fn file_name(self) -> &'static str {
        match self {
            Self::Encryption => "encryption.key",
            Self::AuditSigning => "audit_signing.key",
        }
    }

    /// Whether the settings say it; else it is kept in a file.
    pub(crate) const fn is_set(self, settings: &Settings) -> bool {
        match self {
            Self::Encryption => settings.encryption_key.is_some(),
            Self::AuditSigning => settings.audit_signing_key.is_some(),
        }
    }

    /// Where the key is kept if it is not set.
    pub(crate) fn file(self, settings: &Settings) -> PathBuf {
        settings.data_dir.join(self.file_name())
    }

    fn fingerprints(self, settings: &Settings) -> Result<Fingerprints, Failure> {
        match self {
            Self::Encryption => {
                let keys = EncryptionKeys::of(settings)?;
                let previous = keys.previous.iter().map(infra_crypto::EncryptionKey::fingerprint).collect();
                Ok(Fingerprints { current: keys.current.fingerprint(), previous })
            }
            Self::AuditSigning => {
                let of = |seed: &[u8; 32]| Ed25519AuditSigner::new(seed).audit_public_key().fingerprint();
                let previous = settings.previous_audit_signing_keys();
                Ok(Fingerprints {
                    current: of(settings.audit_signing_key()?.expose_secret()),
                    previous: previous.iter().map(|seed| of(seed.expose_secret())).collect(),
                })
            }
        }
    }

    fn another(self, settings: &Settings) -> Failure {
        let ours = if self.is_set(settings) {
            "that is set".to_owned()
        } else {
            format!("in {}", self.file(settings).display())
        };
        self.differs(settings, &format!("another key than the one {ours}"))
    }

    fn differs(self, settings: &Settings, with: &str) -> Failure {
        let (setting, file_name) = (self.setting(), self.file_name());
        Failure::new(format!(
            "{setting}: the database {} was used with {with}, and its contents need the key of then; set {setting} to it, \
             or {setting}_PREVIOUS if it is to be another from now on, or if it was made by the first start, put the \
             {file_name} of that start's DATA_DIR back",
            settings.database_url
        ))
    }

    fn unknown(self, error: &StorageError) -> Failure {
        Failure::because(&format!("it cannot be told which {} the database was used with", self.setting()), error)
    }
}
