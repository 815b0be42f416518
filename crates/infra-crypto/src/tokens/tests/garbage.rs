//! Whatever is sent, the answer is a refusal.

use proptest::prelude::*;

use super::*;

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(Kind::ALL.to_vec())
}

/// Values of all sorts for claims and heads.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from))
}

proptest! {
    #[test]
    fn no_text_is_a_token(kind in kinds(), text: String, parts in "[A-Za-z0-9_-]{0,99}(\\.[A-Za-z0-9_-]{0,99}){0,4}") {
        prop_assert_eq!(kind.tokens().verify(&text, now()), REFUSED);
        prop_assert_eq!(kind.tokens().verify(&parts, now()), REFUSED);
    }

    #[test]
    fn a_token_with_one_change_is_refused(kind in kinds(), place: prop::sample::Index, by in "[A-Za-z0-9_.=+/ \u{0}é-]") {
        let tokens = kind.tokens();
        let token = tokens.sign(&honest()).unwrap();
        tokens.verify(&token, now()).unwrap();
        let place = place.index(token.len());

        let mut changed = token.clone();
        changed.replace_range(place..=place, &by);
        prop_assert_eq!(tokens.verify(&changed, now()).is_ok(), changed == token);

        let mut longer = token.clone();
        longer.insert_str(place, &by);
        prop_assert_eq!(tokens.verify(&longer, now()), REFUSED);
        prop_assert_eq!(tokens.verify(&token[..place], now()), REFUSED);
    }

    #[test]
    fn claims_that_were_signed_but_mean_nothing_are_refused(
        claim in prop::sample::select(vec!["iss", "aud", "sub", "sid", "role", "jti"]),
        value in values(),
    ) {
        let kind = Kind::Hs256;
        let token = kind.signed(&kind.header(), &with(&honest_json(), claim, value));
        prop_assert_eq!(kind.tokens().verify(&token, now()), REFUSED);
    }

    #[test]
    fn no_time_that_was_signed_is_beyond_reckoning(times: [i64; 3], at: i32) {
        let kind = Kind::Hs256;
        let claims = ["iat", "nbf", "exp"].into_iter().zip(times).fold(honest_json(), |claims, (claim, time)| {
            // Most numbers of 64 bits are no dates at all.
            with(&claims, claim, json!(time >> 20))
        });
        let token = kind.signed(&kind.header(), &claims);
        let moment = DateTime::from_timestamp(i64::from(at) << 11, 0).unwrap();
        let tokens = kind.tokens();
        let first = tokens.verify(&token, moment);
        prop_assert_eq!(tokens.verify(&token, moment), first);
    }

    #[test]
    fn no_json_is_a_head(kind in kinds(), header in values(), member in "[a-z]{1,5}", value in values()) {
        let tokens = kind.tokens();
        prop_assert_eq!(tokens.verify(&kind.signed(&header, &honest_json()), now()), REFUSED);
        prop_assert_eq!(tokens.verify(&kind.signed(&with(&kind.header(), &member, value), &honest_json()), now()), REFUSED);
    }

    #[test]
    fn no_file_makes_the_reader_of_keys_panic(bytes: Vec<u8>, cut: prop::sample::Index, by: u8) {
        let mut file = keys::P256.as_bytes().to_vec();
        let place = cut.index(file.len());
        file[place] = by;
        for file in [&bytes, &file, &file[..place].to_vec()] {
            for algorithm in [AsymmetricAlgorithm::EdDsa, AsymmetricAlgorithm::Es256] {
                if let Ok(mut keys) = AsymmetricKeys::from_pem(algorithm, file) {
                    prop_assert_eq!(keys.accept_previous(file), Ok(()));
                }
            }
        }
    }
}
