//! When a token is valid, and that a signature is checked once.

use super::*;

const EXPIRED: Result<AccessClaims, AccessTokenError> = Err(AccessTokenError::Expired);

/// Times, in milliseconds from the first moment of a token and from its end, and what is answered then.
fn answers() -> [(DateTime<Utc>, Result<AccessClaims, AccessTokenError>); 9] {
    let (start, end) = (honest().issued_at, honest().expires_at);
    let after = |moment: DateTime<Utc>, milliseconds| moment + TimeDelta::milliseconds(milliseconds);
    [
        (after(start, -6000), REFUSED),
        (after(start, -5001), REFUSED),
        (after(start, -5000), Ok(honest())),
        (start, Ok(honest())),
        (end, Ok(honest())),
        (after(end, 4000), Ok(honest())),
        (after(end, 4999), Ok(honest())),
        (after(end, 5000), EXPIRED),
        (after(end, 6000), EXPIRED),
    ]
}

#[test]
fn a_token_is_valid_from_its_beginning_to_its_end_give_or_take_5_seconds() {
    for kind in Kind::ALL {
        for (moment, answer) in answers() {
            let token = kind.tokens().sign(&honest()).unwrap();
            assert_eq!(kind.tokens().verify(&token, moment), answer, "{kind:?} at {moment}");
        }
    }
}

#[test]
fn a_token_that_was_verified_before_is_valid_at_the_same_times() {
    for kind in Kind::ALL {
        let tokens = kind.tokens();
        let token = tokens.sign(&honest()).unwrap();
        assert_eq!(tokens.verify(&token, now()), Ok(honest()));
        for (moment, answer) in answers() {
            assert!(tokens.keeps(&token));
            assert_eq!(tokens.verify(&token, moment), answer, "{kind:?} at {moment}");
        }
    }
}

#[test]
fn no_moment_is_beyond_reckoning() {
    let tokens = Kind::Hs256.tokens();
    let token = tokens.sign(&honest()).unwrap();
    for _ in 0..2 {
        assert_eq!(tokens.verify(&token, DateTime::<Utc>::MIN_UTC), REFUSED);
        assert_eq!(tokens.verify(&token, DateTime::<Utc>::MAX_UTC), EXPIRED);
        assert_eq!(tokens.verify(&token, now()), Ok(honest()));
    }
    let endless = AccessClaims { expires_at: DateTime::from_timestamp(8_210_266_876_799, 0).unwrap(), ..honest() };
    let token = tokens.sign(&endless).unwrap();
    assert_eq!(tokens.verify(&token, now()), Ok(endless));
    assert!(tokens.keeps(&token));
}

#[test]
fn a_token_that_is_not_valid_yet_is_refused() {
    for claim in ["nbf", "iat"] {
        let answer = |seconds: i64| {
            let later = json!(now().timestamp() + seconds);
            let token = Kind::Hs256.signed(&Kind::Hs256.header(), &with(&honest_json(), claim, later));
            Kind::Hs256.tokens().verify(&token, now()).is_ok()
        };
        assert_eq!([0, 4, 5, 6, 600].map(answer), [true, true, true, false, false], "{claim}");
    }
}

#[test]
fn nbf_alone_may_be_later_than_iat() {
    let later = json!(now().timestamp() + 60);
    let token = Kind::Hs256.signed(&Kind::Hs256.header(), &with(&honest_json(), "nbf", later));
    let tokens = Kind::Hs256.tokens();
    assert_eq!(tokens.verify(&token, now()), REFUSED);
    assert_eq!(tokens.verify(&token, now() + TimeDelta::seconds(60)), Ok(honest()));
    assert_eq!(tokens.verify(&token, now()), REFUSED, "kept or not");
}

#[test]
fn an_expired_token_is_said_to_be_expired_only_if_nothing_else_is_wrong() {
    let late = now() + TimeDelta::hours(1);
    for kind in Kind::ALL {
        let tokens = kind.tokens();
        let token = kind.signed(&kind.header(), &honest_json());
        assert_eq!(tokens.verify(&token, late), EXPIRED, "{kind:?}");

        let mut forged = token.clone().into_bytes();
        let place = token.rfind('.').unwrap() + 1;
        forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
        assert_eq!(tokens.verify(std::str::from_utf8(&forged).unwrap(), late), REFUSED, "{kind:?}");

        for (claim, value) in [
            ("iss", json!("https://other.example")),
            ("aud", json!("other")),
            ("role", json!("root")),
            ("sub", json!("x")),
            ("nbf", json!(now().timestamp() + 7200)),
        ] {
            let token = kind.signed(&kind.header(), &with(&honest_json(), claim, value));
            assert_eq!(tokens.verify(&token, late), REFUSED, "{kind:?}, {claim}");
        }
    }
}

#[test]
fn only_valid_tokens_are_kept() {
    let tokens = Kind::Hs256.tokens();
    let token = tokens.sign(&honest()).unwrap();
    assert!(!tokens.keeps(&token), "it may never be shown");

    for moment in [now() + TimeDelta::hours(1), now() - TimeDelta::hours(1)] {
        assert!(tokens.verify(&token, moment).is_err());
        assert!(!tokens.keeps(&token));
    }
    let forged = format!("{}A", &token[..token.len() - 1]);
    assert!(tokens.verify(&forged, now()).is_err());
    assert!(!tokens.keeps(&forged));

    assert!(tokens.verify(&token, now()).is_ok());
    assert!(tokens.keeps(&token));
    assert_eq!(tokens.verify(&forged, now()), REFUSED, "it is another token");
}
