//! The head of a token, which says how to check it and must not be believed.

use rstest::rstest;

use super::*;

#[test]
fn the_head_says_what_it_is_and_which_key_signed_and_nothing_else() {
    // The names of the keys were computed with Python.
    let heads = [
        (Kind::Hs256, "HS256", "uK1TOWnQg-9-hyQi"),
        (Kind::EdDsa, "EdDSA", "VSyzt2_jgTTA6bWrgsd6cXoJUA2a687hPcFPqzYbmrs"),
        (Kind::Es256, "ES256", "ycKUGEcURd9woZjuzyiBifARZkZsqxgxBRyJ3Wfm7-s"),
    ];
    for (kind, alg, kid) in heads {
        assert_eq!(kind.header(), json!({"typ": "at+jwt", "alg": alg, "kid": kid}));
    }
}

#[rstest]
#[case("at+jwt")]
#[case("AT+JWT")]
#[case("application/at+jwt")]
#[case("Application/At+Jwt")]
fn an_access_token_may_say_so_in_other_letters(#[case] typ: &str) {
    let kind = Kind::Hs256;
    let token = kind.signed(&with(&kind.header(), "typ", json!(typ)), &honest_json());
    assert_eq!(kind.tokens().verify(&token, now()), Ok(honest()));
}

#[rstest]
fn another_type_of_token_is_refused(
    #[values(
        "JWT",
        "jwt",
        "",
        "at+jwt ",
        "at+jws",
        "text/at+jwt",
        "application/jwt",
        "application/application/at+jwt",
        "/at+jwt",
        "logout+jwt"
    )]
    typ: &str,
) {
    for kind in Kind::ALL {
        let token = kind.signed(&with(&kind.header(), "typ", json!(typ)), &honest_json());
        assert_eq!(kind.tokens().verify(&token, now()), REFUSED, "{kind:?}");
    }
}

#[rstest]
fn every_member_is_needed_and_is_a_text(#[values("alg", "typ", "kid")] member: &str) {
    for kind in Kind::ALL {
        let tokens = kind.tokens();
        assert_eq!(tokens.verify(&kind.signed(&without(&kind.header(), member), &honest_json()), now()), REFUSED);
        for wrong in [json!(null), json!(1), json!([]), json!([kind.header()[member]]), json!({})] {
            let token = kind.signed(&with(&kind.header(), member, wrong.clone()), &honest_json());
            assert_eq!(tokens.verify(&token, now()), REFUSED, "{kind:?}, {member}: {wrong}");
        }
    }
}

#[rstest]
fn a_kid_that_is_not_known_is_refused(
    #[values(
        "",
        "../../../../dev/null",
        "/dev/null",
        "' OR 1=1 --",
        "| true",
        "http://attacker.example/key",
        "\0",
        "*"
    )]
    kid: &str,
) {
    for kind in Kind::ALL {
        let own = kind.header()["kid"].as_str().unwrap().to_owned();
        for kid in [kid.to_owned(), format!("{own}{kid} "), format!("{own}/../{kid}"), own.to_lowercase() + "x"] {
            let token = kind.signed(&with(&kind.header(), "kid", json!(kid)), &honest_json());
            assert_eq!(kind.tokens().verify(&token, now()), REFUSED, "{kind:?}, {kid}");
        }
    }
}

#[rstest]
#[case("jwk", json!({"kty": "oct", "k": "AAAA"}))]
#[case("jku", json!("https://attacker.example/jwks.json"))]
#[case("x5u", json!("https://attacker.example/chain.pem"))]
#[case("x5c", json!(["MIIB"]))]
#[case("x5t", json!("AAAA"))]
#[case("crit", json!(["exp"]))]
#[case("crit", json!([]))]
#[case("b64", json!(false))]
#[case("zip", json!("DEF"))]
#[case("enc", json!("A128GCM"))]
#[case("cty", json!("JWT"))]
#[case("anything", json!(null))]
fn a_head_with_any_other_member_is_refused(#[case] member: &str, #[case] value: Value) {
    for kind in Kind::ALL {
        let token = kind.signed(&with(&kind.header(), member, value.clone()), &honest_json());
        assert_eq!(kind.tokens().verify(&token, now()), REFUSED, "{kind:?}");
    }
}

#[rstest]
fn a_member_that_stands_there_twice_is_refused(#[values("alg", "typ", "kid")] member: &str) {
    for kind in Kind::ALL {
        let header = kind.header();
        for first in [header[member].clone(), json!("none")] {
            let twice = header.to_string().replacen('{', &format!("{{\"{member}\":{first},"), 1);
            assert_eq!(serde_json::from_str::<Value>(&twice).unwrap(), header, "many readers do not see it");
            let token = kind.signed_text(&twice, &honest_json().to_string());
            assert_eq!(kind.tokens().verify(&token, now()), REFUSED, "{kind:?}");
        }
    }
}

#[test]
fn a_head_is_one_json_object() {
    for kind in Kind::ALL {
        let header = kind.header();
        let in_order = json!([header["alg"], header["typ"], header["kid"]]).to_string();
        for head in
            [in_order, header.to_string().repeat(2), String::new(), "{}".into(), "null".into(), "[".repeat(2000)]
        {
            let token = kind.signed_text(&head, &honest_json().to_string());
            assert_eq!(kind.tokens().verify(&token, now()), REFUSED, "{kind:?}, {head}");
        }
    }
}
