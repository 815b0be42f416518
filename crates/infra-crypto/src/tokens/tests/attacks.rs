//! Attacks on the signature (RFC 8725 §2).

use rstest::rstest;

use super::*;

/// Replaces one part of a token.
fn replaced(token: &str, number: usize, by: &str) -> String {
    let mut parts: Vec<_> = token.split('.').collect();
    parts[number] = by;
    parts.join(".")
}

#[rstest]
fn a_token_without_a_signature_is_refused(#[values("none", "None", "NONE", "nOnE", "")] none: &str) {
    for kind in Kind::ALL {
        let tokens = kind.tokens();
        let signed = kind.signed(&with(&kind.header(), "alg", json!(none)), &honest_json());
        for token in [signed.clone(), replaced(&signed, 2, ""), signed[..signed.rfind('.').unwrap()].to_owned()] {
            assert_eq!(tokens.verify(&token, now()), REFUSED, "{kind:?}");
        }
    }
}

#[test]
fn an_empty_cut_or_borrowed_signature_is_refused() {
    for kind in Kind::ALL {
        let tokens = kind.tokens();
        let token = tokens.sign(&honest()).unwrap();
        let other = tokens.sign(&AccessClaims { role: Role::Admin, ..honest() }).unwrap();
        let [own, borrowed] = [&token, &other].map(|token| token.rsplit('.').next().unwrap());
        let zeros = URL_SAFE_NO_PAD.encode([0; 64]);
        for signature in ["", "AA", &own[..own.len() - 2], &own[..4], borrowed, &zeros, &zeros[..43], &own.repeat(2)] {
            assert_eq!(tokens.verify(&replaced(&token, 2, signature), now()), REFUSED, "{kind:?}, {signature}");
        }
    }
}

#[test]
fn changed_claims_are_refused() {
    for kind in Kind::ALL {
        let tokens = kind.tokens();
        let token = tokens.sign(&honest()).unwrap();
        let admin = URL_SAFE_NO_PAD.encode(with(&honest_json(), "role", json!("admin")).to_string());
        assert_eq!(tokens.verify(&replaced(&token, 1, &admin), now()), REFUSED, "{kind:?}");
    }
}

#[rstest]
fn the_algorithm_is_never_taken_from_the_token(
    #[values("HS256", "HS384", "HS512", "RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519", "hs256", "HS256 ")]
    algorithm: &str,
) {
    for kind in Kind::ALL.into_iter().filter(|kind| kind.header()["alg"] != algorithm) {
        // The signature is right for the key of that name: only the name of the algorithm is not.
        let token = kind.signed(&with(&kind.header(), "alg", json!(algorithm)), &honest_json());
        assert_eq!(kind.tokens().verify(&token, now()), REFUSED, "{kind:?}");
    }
}

#[test]
fn another_hash_with_the_right_secret_is_refused() {
    let kind = Kind::Hs256;
    for (algorithm, name) in [(Algorithm::HS384, "HS384"), (Algorithm::HS512, "HS512")] {
        for name in [name, "HS256"] {
            let header = with(&kind.header(), "alg", json!(name)).to_string();
            let token = signed_with(&kind.key(), algorithm, &header, &honest_json().to_string());
            assert_eq!(kind.tokens().verify(&token, now()), REFUSED, "{name}");
        }
    }
}

#[test]
fn a_public_key_is_no_secret() {
    for (kind, pem) in [(Kind::EdDsa, keys::ED25519_PUBLIC), (Kind::Es256, keys::P256_PUBLIC)] {
        let tokens = kind.tokens();
        let der = der(pem);
        let raw = &der[der.len() - if kind == Kind::EdDsa { 32 } else { 65 }..];
        let jwk = serde_json::from_str::<Value>(&tokens.jwks()).unwrap()["keys"][0].to_string();
        let kid = kind.header()["kid"].as_str().unwrap().to_owned();
        for secret in [pem.as_bytes(), pem.trim_end().as_bytes(), &der, raw, jwk.as_bytes(), kid.as_bytes(), b""] {
            for algorithm in ["HS256", kind.header()["alg"].as_str().unwrap()] {
                let header = with(&kind.header(), "alg", json!(algorithm)).to_string();
                let key = EncodingKey::from_secret(secret);
                let token = signed_with(&key, Algorithm::HS256, &header, &honest_json().to_string());
                assert_eq!(tokens.verify(&token, now()), REFUSED, "{kind:?} as {algorithm}");
            }
        }
    }
}

#[test]
fn an_empty_or_another_secret_is_refused() {
    let kind = Kind::Hs256;
    for secret in ["", "secret", OTHER_SECRET, &SECRET[..31], &format!("{SECRET}0")] {
        let key = EncodingKey::from_secret(secret.as_bytes());
        let token = signed_with(&key, Algorithm::HS256, &kind.header().to_string(), &honest_json().to_string());
        assert_eq!(kind.tokens().verify(&token, now()), REFUSED, "{secret}");
    }
}

#[test]
fn the_key_of_an_attacker_is_refused_also_if_the_token_brings_it_along() {
    let pairs = [
        (
            Kind::EdDsa,
            EncodingKey::from_ed_der(&der(keys::OTHER_ED25519)),
            AsymmetricAlgorithm::EdDsa,
            keys::OTHER_ED25519,
        ),
        (Kind::Es256, EncodingKey::from_ec_der(&der(keys::OTHER_P256)), AsymmetricAlgorithm::Es256, keys::OTHER_P256),
    ];
    for (kind, key, algorithm, pem) in pairs {
        let attacker = tokens(SigningKeys::Asymmetric(pair(algorithm, pem)));
        let jwk = serde_json::from_str::<Value>(&attacker.jwks()).unwrap()["keys"][0].clone();
        let own_kid = kind.header();
        let their_kid = with(&own_kid, "kid", jwk["kid"].clone());
        for header in [own_kid, their_kid] {
            for header in [header.clone(), with(&header, "jwk", jwk.clone())] {
                let token = signed_with(&key, kind.algorithm(), &header.to_string(), &honest_json().to_string());
                assert_eq!(kind.tokens().verify(&token, now()), REFUSED, "{kind:?}");
                assert_eq!(
                    attacker.verify(&token, now()).is_ok(),
                    header["jwk"].is_null() && header["kid"] == jwk["kid"]
                );
            }
        }
    }
}

#[test]
fn a_signature_of_ecdsa_in_the_form_of_asn_1_is_refused() {
    // It is 64 bytes in a token (RFC 7518 §3.4); another form would be another spelling of the same token.
    let token = Kind::Es256.tokens().sign(&honest()).unwrap();
    let signature = URL_SAFE_NO_PAD.decode(token.rsplit('.').next().unwrap()).unwrap();
    let integer = |bytes: &[u8]| [&[0x02, 33, 0], bytes].concat();
    let (r, s) = signature.split_at(32);
    let asn_1 = [vec![0x30, 70], integer(r), integer(s)].concat();
    assert_eq!(Kind::Es256.tokens().verify(&replaced(&token, 2, &URL_SAFE_NO_PAD.encode(asn_1)), now()), REFUSED);
}

#[test]
fn a_signature_of_zeros_is_refused() {
    // CVE-2022-21449: zero times anything is zero.
    for kind in [Kind::EdDsa, Kind::Es256] {
        let token = kind.tokens().sign(&honest()).unwrap();
        let zeros = URL_SAFE_NO_PAD.encode([0; 64]);
        assert_eq!(kind.tokens().verify(&replaced(&token, 2, &zeros), now()), REFUSED);
    }
}

#[test]
fn a_token_has_one_spelling() {
    for kind in Kind::ALL {
        let tokens = kind.tokens();
        let token = tokens.sign(&honest()).unwrap();
        let [header, claims, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
        let spellings = [
            format!(" {token}"),
            format!("{token} "),
            format!("{token}\n"),
            format!("{token}="),
            format!("{token}."),
            format!(".{token}"),
            format!("{header}=.{claims}.{signature}"),
            format!("{header}.{claims}=.{signature}"),
            format!("{header}.{claims}..{signature}"),
            format!("{header}.{claims}.{signature}.{signature}"),
            format!("{header}.{claims}.{signature}.{signature}.{signature}"),
            format!("{header}.{claims}"),
            header.to_owned(),
            format!("Bearer {token}"),
        ];
        for spelling in spellings {
            assert_eq!(tokens.verify(&spelling, now()), REFUSED, "{kind:?}, {spelling}");
        }
    }
}

#[test]
fn a_token_longer_than_4_kib_is_refused_whatever_it_says() {
    let kind = Kind::Hs256;
    let padded = |length: usize| kind.signed(&kind.header(), &with(&honest_json(), "more", json!("x".repeat(length))));
    let fits = (0..4096).rev().map(padded).find(|token| token.len() <= 4096).unwrap();
    let (fits, too_long) = (fits.clone(), (0..4096).map(padded).find(|token| token.len() > 4096).unwrap());

    assert!(fits.len() > 4090 && too_long.len() < 4102);
    assert_eq!(kind.tokens().verify(&fits, now()), Ok(honest()));
    assert_eq!(kind.tokens().verify(&too_long, now()), REFUSED);
    assert_eq!(kind.tokens().verify(&"a.".repeat(50_000), now()), REFUSED);
}
