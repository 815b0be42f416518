//! What a token says.

use rstest::rstest;

use super::*;

#[test]
fn what_was_signed_comes_back() {
    for kind in Kind::ALL {
        let tokens = kind.tokens();
        for (role, epoch) in [(Role::User, 0), (Role::Moderator, i64::MAX), (Role::Admin, i64::MIN)] {
            let claims = AccessClaims { role, epoch, ..honest() };
            assert_eq!(tokens.verify(&tokens.sign(&claims).unwrap(), now()), Ok(claims), "{kind:?}");
        }
    }
}

#[test]
fn another_process_with_the_same_keys_accepts_it() {
    for kind in Kind::ALL {
        let token = kind.tokens().sign(&honest()).unwrap();
        assert_eq!(kind.tokens().verify(&token, now()), Ok(honest()), "{kind:?}");
    }
}

#[test]
fn a_token_has_all_claims_of_rfc_9068() {
    for kind in Kind::ALL {
        assert_eq!(part(&kind.tokens().sign(&honest()).unwrap(), 1), honest_json(), "{kind:?}");
    }
}

#[test]
fn times_are_cut_to_seconds() {
    let claims = AccessClaims { issued_at: now() + TimeDelta::milliseconds(999), ..honest() };
    let tokens = Kind::Hs256.tokens();
    assert_eq!(tokens.verify(&tokens.sign(&claims).unwrap(), now()), Ok(honest()));
}

#[rstest]
fn every_claim_is_needed(
    #[values("iss", "aud", "sub", "client_id", "sid", "role", "epoch", "iat", "nbf", "exp", "jti")] claim: &str,
) {
    for kind in Kind::ALL {
        let token = kind.signed(&kind.header(), &without(&honest_json(), claim));
        assert_eq!(kind.tokens().verify(&token, now()), REFUSED, "{kind:?} without {claim}");
    }
    for wrong in
        [json!(null), json!(true), json!({}), json!([]), json!(1.5), json!(""), json!([AUDIENCE, 1]), json!(1e300)]
    {
        let token = Kind::Hs256.signed(&Kind::Hs256.header(), &with(&honest_json(), claim, wrong.clone()));
        assert_eq!(Kind::Hs256.tokens().verify(&token, now()), REFUSED, "{claim}: {wrong}");
    }
}

#[rstest]
#[case("iss", json!("https://users.example.org"))]
#[case("iss", json!("https://users.example.com/"))]
#[case("iss", json!("HTTPS://users.example.com"))]
#[case("iss", json!([ISSUER]))]
#[case("aud", json!("usermgmt2"))]
#[case("aud", json!("user"))]
#[case("aud", json!("Usermgmt"))]
#[case("aud", json!(["billing", "mail"]))]
#[case("sub", json!("1"))]
#[case("sub", json!("00000000000000000000000000000001"))]
#[case("sub", json!("{00000000-0000-0000-0000-000000000001}"))]
#[case("sid", json!("urn:uuid:00000000-0000-0000-0000-000000000002"))]
#[case("jti", json!("ab000000-0000-0000-0000-00000000000é"))]
#[case("role", json!("root"))]
#[case("role", json!("Admin"))]
#[case("role", json!(["admin"]))]
#[case("epoch", json!("7"))]
#[case("epoch", json!(7.0))]
#[case("epoch", json!(u64::MAX))]
#[case("exp", json!("1767323945"))]
#[case("exp", json!(i64::MAX))]
#[case("exp", json!(u64::MAX))]
#[case("nbf", json!(i64::MIN))]
#[case("iat", json!(i64::MIN))]
fn a_claim_of_another_value_is_refused(#[case] claim: &str, #[case] value: Value) {
    for kind in Kind::ALL {
        let token = kind.signed(&kind.header(), &with(&honest_json(), claim, value.clone()));
        assert_eq!(kind.tokens().verify(&token, now()), REFUSED, "{kind:?}");
    }
}

#[test]
fn a_token_may_be_for_others_too() {
    let kind = Kind::EdDsa;
    let token = kind.signed(&kind.header(), &with(&honest_json(), "aud", json!(["billing", AUDIENCE])));
    assert_eq!(kind.tokens().verify(&token, now()), Ok(honest()));
}

#[test]
fn claims_of_later_versions_are_not_minded() {
    let kind = Kind::EdDsa;
    let token = kind.signed(&kind.header(), &with(&honest_json(), "scope", json!({"read": [1, null]})));
    assert_eq!(kind.tokens().verify(&token, now()), Ok(honest()));
}

#[rstest]
fn a_claim_that_stands_there_twice_is_refused(#[values("sub", "role", "exp", "aud")] claim: &str) {
    let kind = Kind::Hs256;
    let honest = honest_json();
    let twice = honest.to_string().replacen('{', &format!("{{\"{claim}\":{},", honest[claim]), 1);
    assert_eq!(serde_json::from_str::<Value>(&twice).unwrap(), honest, "many readers do not see it");
    assert_eq!(kind.tokens().verify(&kind.signed_text(&kind.header().to_string(), &twice), now()), REFUSED);
}

#[test]
fn claims_are_one_json_object() {
    let kind = Kind::Hs256;
    let header = kind.header().to_string();
    let in_order = json!([
        ISSUER,
        AUDIENCE,
        "00000000-0000-0000-0000-000000000001",
        AUDIENCE,
        "00000000-0000-0000-0000-000000000002",
        "moderator",
        7,
        1_767_323_045,
        1_767_323_045,
        1_767_323_945,
        "00000000-0000-0000-0000-000000000003",
    ]);
    let twice = honest_json().to_string().repeat(2);
    for claims in [in_order.to_string().as_str(), &twice, "", "null", "{", "{}", "\"\"", &"[".repeat(2000)] {
        assert_eq!(kind.tokens().verify(&kind.signed_text(&header, claims), now()), REFUSED, "{claims}");
    }
}
