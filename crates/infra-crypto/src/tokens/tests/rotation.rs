//! Keys that change while tokens are about, and what others see of them.

use rstest::rstest;

use super::*;

fn secrets(current: &str, previous: Option<&str>) -> JwtTokens {
    tokens(SigningKeys::Hs256 { secret: secret(current), previous: previous.map(secret) })
}

fn pairs(algorithm: AsymmetricAlgorithm, current: &str, previous: &[&str]) -> JwtTokens {
    let mut keys = pair(algorithm, current);
    for file in previous {
        keys.accept_previous(file.as_bytes()).unwrap();
    }
    tokens(SigningKeys::Asymmetric(keys))
}

fn kids(tokens: &JwtTokens) -> Vec<String> {
    let set: Value = serde_json::from_str(&tokens.jwks()).unwrap();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_the_previous_secret_signed_is_accepted_until_the_secret_is_removed() {
    let token = secrets(SECRET, None).sign(&honest()).unwrap();
    assert_eq!(secrets(OTHER_SECRET, Some(SECRET)).verify(&token, now()), Ok(honest()));
    assert_eq!(secrets(OTHER_SECRET, None).verify(&token, now()), REFUSED);
}

#[test]
fn the_new_secret_signs() {
    let token = secrets(OTHER_SECRET, Some(SECRET)).sign(&honest()).unwrap();
    assert_eq!(secrets(OTHER_SECRET, None).verify(&token, now()), Ok(honest()));
    assert_eq!(secrets(SECRET, None).verify(&token, now()), REFUSED);
}

#[test]
fn the_name_of_one_secret_with_the_signature_of_the_other_is_refused() {
    let names = [SECRET, OTHER_SECRET].map(|secret| part(&secrets(secret, None).sign(&honest()).unwrap(), 0));
    assert_ne!(names[0]["kid"], names[1]["kid"]);
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let [right, wrong] = names.map(|header| {
        let token = signed_with(&key, Algorithm::HS256, &header.to_string(), &honest_json().to_string());
        secrets(OTHER_SECRET, Some(SECRET)).verify(&token, now())
    });
    assert_eq!((right, wrong), (Ok(honest()), REFUSED));
}

#[test]
fn the_name_of_a_secret_does_not_hold_it() {
    let kid = Kind::Hs256.header()["kid"].as_str().unwrap().to_owned();
    assert_eq!(kid, "uK1TOWnQg-9-hyQi", "older processes call it so too");
    assert!(!SECRET.contains(&kid));
}

#[rstest]
#[case(AsymmetricAlgorithm::EdDsa, keys::ED25519, keys::ED25519_PUBLIC, keys::OTHER_ED25519)]
#[case(AsymmetricAlgorithm::Es256, keys::P256, keys::P256_PUBLIC, keys::OTHER_P256)]
fn what_a_previous_key_signed_is_accepted_by_either_half_until_it_is_removed(
    #[case] algorithm: AsymmetricAlgorithm,
    #[case] old: &str,
    #[case] old_public: &str,
    #[case] new: &str,
) {
    let token = pairs(algorithm, old, &[]).sign(&honest()).unwrap();
    assert_eq!(pairs(algorithm, new, &[old]).verify(&token, now()), Ok(honest()));
    assert_eq!(pairs(algorithm, new, &[old_public]).verify(&token, now()), Ok(honest()));
    assert_eq!(pairs(algorithm, new, &[]).verify(&token, now()), REFUSED);

    let token = pairs(algorithm, new, &[old_public]).sign(&honest()).unwrap();
    assert_eq!(pairs(algorithm, new, &[]).verify(&token, now()), Ok(honest()), "the new key signs");
}

#[test]
fn the_key_set_has_the_public_keys_and_the_current_one_first() {
    let tokens = pairs(AsymmetricAlgorithm::EdDsa, keys::OTHER_ED25519, &[keys::ED25519]);
    let set: Value = serde_json::from_str(&tokens.jwks()).unwrap();
    // `x` as `openssl pkey -pubout -outform DER | tail -c 32 | basenc --base64url` shows it.
    let key =
        |x: &str, kid: &str| json!({"kty": "OKP", "crv": "Ed25519", "x": x, "alg": "EdDSA", "kid": kid, "use": "sig"});
    assert_eq!(
        set,
        json!({"keys": [key("f8jXQU267PZ2G9ScM_c3xdW6F3XoS1JXgESifSCManw", "Rf2UUa0hY4fE_sw5x_Y50wJmSFtOiAGes0wy7XumsCs"), key("MeLcfGxIEcrd4L2lOSxcLCL2MxNqmxx7NZobHNbdUUU", "VSyzt2_jgTTA6bWrgsd6cXoJUA2a687hPcFPqzYbmrs")]})
    );
    assert_eq!(part(&tokens.sign(&honest()).unwrap(), 0)["kid"], "Rf2UUa0hY4fE_sw5x_Y50wJmSFtOiAGes0wy7XumsCs");

    let set: Value = serde_json::from_str(&Kind::Es256.tokens().jwks()).unwrap();
    assert_eq!(
        set,
        json!({"keys": [{
            "kty": "EC", "crv": "P-256",
            "x": "j4IixA4PXnFzwWllscX7PbqlIuLuQndUsG4BYQIwYRo", "y": "9pw7Ymr0xp-_QJhH7DmIl64ASnmebwgO0qSxVzNC6tQ",
            "alg": "ES256", "kid": "ycKUGEcURd9woZjuzyiBifARZkZsqxgxBRyJ3Wfm7-s", "use": "sig",
        }]})
    );
}

#[test]
fn a_key_that_is_named_twice_is_there_once() {
    let previous = [keys::ED25519, keys::ED25519_V2, keys::ED25519_PUBLIC, keys::OTHER_ED25519_PUBLIC];
    let tokens = pairs(AsymmetricAlgorithm::EdDsa, keys::ED25519, &previous);
    assert_eq!(
        kids(&tokens),
        ["VSyzt2_jgTTA6bWrgsd6cXoJUA2a687hPcFPqzYbmrs", "Rf2UUa0hY4fE_sw5x_Y50wJmSFtOiAGes0wy7XumsCs"]
    );
}

#[test]
fn secrets_are_not_in_the_key_set() {
    assert_eq!(secrets(SECRET, Some(OTHER_SECRET)).jwks(), r#"{"keys":[]}"#);
    let private = URL_SAFE_NO_PAD.encode(&der(keys::ED25519)[16..]);
    let set = pairs(AsymmetricAlgorithm::EdDsa, keys::ED25519, &[]).jwks();
    assert!(!set.contains(&private) && !set.contains("\"d\""));
}

#[test]
fn nothing_prints_a_key() {
    let private = format!("{:?}", &der(keys::ED25519)[16..]);
    let printed = Kind::ALL.map(|kind| format!("{:?} {:?}", kind.keys(), kind.tokens()));
    assert!(printed.iter().all(|text| !text.contains(SECRET) && !text.contains(private.trim_matches(['[', ']']))));
    assert!(printed[0].contains("JwtSecret([REDACTED])"), "{}", printed[0]);
    assert!(printed[1].contains("EdDsa"), "{}", printed[1]);
}
