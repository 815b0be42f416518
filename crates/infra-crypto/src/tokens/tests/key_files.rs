//! Key files and secrets of no use, and what is said of them.

use rstest::rstest;

use super::*;
use AsymmetricAlgorithm::{EdDsa, Es256};

fn signing(algorithm: AsymmetricAlgorithm, file: &[u8]) -> Result<(), ReadKeyError> {
    AsymmetricKeys::from_pem(algorithm, file).map(drop)
}

fn previous(algorithm: AsymmetricAlgorithm, file: &[u8]) -> Result<(), ReadKeyError> {
    let own = match algorithm {
        EdDsa => keys::OTHER_ED25519,
        Es256 => keys::OTHER_P256,
    };
    pair(algorithm, own).accept_previous(file)
}

#[rstest]
#[case(EdDsa, "", ReadKeyError::NoPem)]
#[case(EdDsa, "MC4CAQAwBQYDK2VwBCIEICt5sQTXH6cmTbnwwtIpbI5W91FRTav2XvHK", ReadKeyError::NoPem)]
#[case(EdDsa, "-----BEGIN PRIVATE KEY", ReadKeyError::NoPem)]
#[case(EdDsa, "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n", ReadKeyError::Damaged)]
#[case(EdDsa, &keys::ED25519.replace("END PRIVATE", "END PUBLIC"), ReadKeyError::Damaged)]
#[case(EdDsa, "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", ReadKeyError::Damaged)]
#[case(EdDsa, "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n", ReadKeyError::Damaged)]
#[case(EdDsa, &keys::ED25519.replace("A01iB", "A01i"), ReadKeyError::Damaged)]
#[case(EdDsa, &[keys::ED25519, keys::OTHER_ED25519].concat(), ReadKeyError::SeveralBlocks)]
#[case(EdDsa, keys::ED25519_ENCRYPTED, ReadKeyError::Encrypted)]
#[case(EdDsa, keys::ED25519_MIXED, ReadKeyError::Damaged)]
#[case(EdDsa, keys::CERTIFICATE, ReadKeyError::NoKey)]
#[case(EdDsa, keys::ED448, ReadKeyError::OtherAlgorithm { found: "Ed448", algorithm: EdDsa })]
#[case(EdDsa, keys::P256, ReadKeyError::OtherAlgorithm { found: "EC P-256", algorithm: EdDsa })]
#[case(EdDsa, keys::RSA_PUBLIC, ReadKeyError::OtherAlgorithm { found: "RSA", algorithm: EdDsa })]
#[case(EdDsa, "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", ReadKeyError::OpenSsh)]
#[case(Es256, keys::ED25519, ReadKeyError::OtherAlgorithm { found: "Ed25519", algorithm: Es256 })]
#[case(Es256, keys::P384, ReadKeyError::OtherAlgorithm { found: "EC P-384", algorithm: Es256 })]
#[case(Es256, keys::P256_OLD_FORM, ReadKeyError::OldForm)]
#[case(Es256, keys::P256_OLD_ENCRYPTED, ReadKeyError::Encrypted)]
#[case(Es256, keys::P256_MIXED, ReadKeyError::Damaged)]
fn a_file_of_no_use_is_refused_for_signing_and_as_a_previous_key(
    #[case] algorithm: AsymmetricAlgorithm,
    #[case] file: &str,
    #[case] error: ReadKeyError,
) {
    assert_eq!(signing(algorithm, file.as_bytes()), Err(error));
    assert_eq!(previous(algorithm, file.as_bytes()), Err(error));
}

#[rstest]
#[case(EdDsa, keys::ED25519_PUBLIC)]
#[case(Es256, keys::P256_PUBLIC)]
fn a_public_key_does_not_sign(#[case] algorithm: AsymmetricAlgorithm, #[case] file: &str) {
    assert_eq!(signing(algorithm, file.as_bytes()), Err(ReadKeyError::NotPrivate));
    assert_eq!(previous(algorithm, file.as_bytes()), Ok(()));
}

#[test]
fn der_is_no_pem() {
    assert_eq!(signing(EdDsa, &der(keys::ED25519)), Err(ReadKeyError::NoPem));
}

#[test]
fn a_file_may_have_a_preamble_and_lines_of_other_systems() {
    let file = format!("Made for tests.\r\n{}\r\nThe end.", keys::ED25519.replace('\n', "\r\n"));
    assert_eq!(signing(EdDsa, file.as_bytes()), Ok(()));
}

#[test]
fn both_versions_of_pkcs_8_are_the_same_key() {
    let [one, two] = [keys::ED25519, keys::ED25519_V2].map(|file| tokens(SigningKeys::Asymmetric(pair(EdDsa, file))));
    assert_eq!(one.jwks(), two.jwks());
    assert_eq!(one.verify(&two.sign(&honest()).unwrap(), now()), Ok(honest()));
}

#[test]
fn every_error_is_one_line_for_a_person() {
    let errors = [
        ReadKeyError::NoPem,
        ReadKeyError::SeveralBlocks,
        ReadKeyError::Encrypted,
        ReadKeyError::OldForm,
        ReadKeyError::OpenSsh,
        ReadKeyError::NoKey,
        ReadKeyError::NotPrivate,
        ReadKeyError::OtherAlgorithm { found: "RSA", algorithm: Es256 },
        ReadKeyError::Damaged,
    ];
    let lines = errors.map(|error| error.to_string());
    assert!(lines.iter().all(|line| line.lines().count() == 1 && line.len() < 120), "{lines:?}");
    assert_eq!(lines[7], "the key is RSA; ES256 takes EC P-256");
}

#[rstest]
#[case(0)]
#[case(31)]
fn a_secret_of_less_than_32_bytes_is_refused(#[case] length: usize) {
    let error = JwtSecret::new("s".repeat(length).into()).unwrap_err();
    assert_eq!(error, ShortJwtSecret { length });
    assert_eq!(
        error.to_string(),
        format!("a JWT secret has at least 32 bytes, this one has {length}; make one with `openssl rand -base64 48`")
    );
}

#[test]
fn bytes_of_a_secret_are_counted_and_not_characters() {
    assert!(JwtSecret::new("s".repeat(32).into()).is_ok());
    assert!(JwtSecret::new("ü".repeat(16).into()).is_ok());
}
