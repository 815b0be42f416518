//! Key files in PEM (RFC 7468): what is in one, or what is wrong with it, for the person who named it in the settings.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::keys::AsymmetricAlgorithm;

/// Why a key file is of no use. One line, which fits behind the name of the file, and never shows what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadKeyError {
    /// No block of PEM: some other text, or DER.
    #[error("it is no PEM file, which has a line -----BEGIN PRIVATE KEY-----")]
    NoPem,
    /// Which of the keys is meant?
    #[error("it has several PEM blocks; keep the key alone")]
    SeveralBlocks,
    /// Nobody is there to type a passphrase.
    #[error("the private key is encrypted; decrypt it with `openssl pkey -in FILE -out NEW_FILE`")]
    Encrypted,
    /// SEC 1, PKCS#1 or OpenSSH.
    #[error("the private key has an old form; convert it to PKCS#8 with `openssl pkey -in FILE -out NEW_FILE`")]
    OldForm,
    /// OpenSSH writes its keys in its own way.
    #[error("it is a key for OpenSSH; make one with `openssl genpkey`")]
    OpenSsh,
    /// A certificate, a request, a list …
    #[error("it holds neither a PRIVATE KEY nor a PUBLIC KEY")]
    NoKey,
    /// A public key cannot sign.
    #[error("it holds a public key; tokens are signed with a private one")]
    NotPrivate,
    /// A key for another algorithm.
    #[error("the key is {found}; {algorithm} takes {}", algorithm.key_type())]
    OtherAlgorithm {
        /// What sort of key it is.
        found: &'static str,
        /// What was configured.
        algorithm: AsymmetricAlgorithm,
    },
    /// It looks right from outside.
    #[error("the key is damaged, or written in a form that is not known here")]
    Damaged,
}

/// Whether a file has the secret half of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// PKCS#8 (RFC 5958).
    Private,
    /// `SubjectPublicKeyInfo` (RFC 5280 §4.1).
    Public,
}

/// The half and the DER of the one key in the file, which is one for this algorithm.
pub(super) fn read(file: &[u8], algorithm: AsymmetricAlgorithm) -> Result<(Half, Zeroizing<Vec<u8>>), ReadKeyError> {
    let text = std::str::from_utf8(file).map_err(|_| ReadKeyError::NoPem)?;
    let (label, body) = only_block(text)?;
    let half = match label {
        "ENCRYPTED PRIVATE KEY" => return Err(ReadKeyError::Encrypted),
        "EC PRIVATE KEY" | "RSA PRIVATE KEY" if body.contains("ENCRYPTED") => return Err(ReadKeyError::Encrypted),
        "EC PRIVATE KEY" | "RSA PRIVATE KEY" => return Err(ReadKeyError::OldForm),
        "OPENSSH PRIVATE KEY" => return Err(ReadKeyError::OpenSsh),
        "PRIVATE KEY" => Half::Private,
        "PUBLIC KEY" => Half::Public,
        _ => return Err(ReadKeyError::NoKey),
    };
    let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
    base64.extend(body.split_ascii_whitespace());
    let der = STANDARD.decode(base64.as_bytes()).map(Zeroizing::new).map_err(|_| ReadKeyError::Damaged)?;
    match key_type(&der) {
        Some(found) if found == algorithm.key_type() => Ok((half, der)),
        Some(found) => Err(ReadKeyError::OtherAlgorithm { found, algorithm }),
        None => Err(ReadKeyError::Damaged),
    }
}

/// The label and the base64 of the only block. `openssl ecparam` writes the parameters before the key; they say nothing
/// that the key does not say.
fn only_block(text: &str) -> Result<(&str, &str), ReadKeyError> {
    let mut blocks = text.split("-----BEGIN ").skip(1).filter(|block| !block.starts_with("EC PARAMETERS-----"));
    let block = blocks.next().ok_or(ReadKeyError::NoPem)?;
    if blocks.next().is_some() {
        return Err(ReadKeyError::SeveralBlocks);
    }
    let (label, rest) = block.split_once("-----").ok_or(ReadKeyError::NoPem)?;
    let (body, end) = rest.split_once("-----END ").ok_or(ReadKeyError::Damaged)?;
    match end.split_once("-----") {
        Some((end, _)) if end == label => Ok((label, body)),
        _ => Err(ReadKeyError::Damaged),
    }
}

/// Object identifiers in DER, and the keys they stand for. That of a curve stands behind that of EC.
const KEY_TYPES: [(&[u8], &str); 8] = [
    (&[0x06, 0x03, 0x2b, 0x65, 0x70], "Ed25519"),
    (&[0x06, 0x03, 0x2b, 0x65, 0x71], "Ed448"),
    (&[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], "EC P-256"),
    (&[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22], "EC P-384"),
    (&[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23], "EC P-521"),
    (&[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a], "EC secp256k1"),
    (&[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01], "EC on another curve"),
    (&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01], "RSA"),
];

/// Both forms begin with the algorithm, which has ended by here.
const ALGORITHM_ENDS: usize = 30;

fn key_type(der: &[u8]) -> Option<&'static str> {
    let start = der.get(..ALGORITHM_ENDS)?;
    KEY_TYPES.into_iter().find(|(oid, _)| start.windows(oid.len()).any(|part| part == *oid)).map(|(_, name)| name)
}
