//! The one way to write an event down as bytes, for codes and hashes.

use chrono::SecondsFormat;
use domain::audit::{SealedEvent, SealedText};
use domain::values::Digest;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The event as JSON in its canonical form (RFC 8785): members sorted by name, texts and nulls only, no blanks. What is
/// sealed stays sealed, so that the bytes are the same after a person was erased.
pub fn canonical(event: &SealedEvent) -> Vec<u8> {
    let at = event.recorded_at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let sealed = |text: &'_ Option<SealedText>| text.as_ref().map(|text| text.as_str().to_owned());
    let members: [(&str, Option<String>); 13] = [
        ("action", Some(event.action.clone().into_owned())),
        ("actor_id", event.actor_id.map(|actor| actor.to_string())),
        ("actor_type", Some(event.actor_type.clone().into_owned())),
        ("changes", sealed(&event.changes)),
        ("fields", Some(event.fields.clone())),
        ("id", Some(event.id.to_string())),
        ("origin", sealed(&event.origin)),
        ("recorded_at", Some(at)),
        ("request_id", event.request_id.clone()),
        ("session_id", event.session_id.map(|session| session.to_string())),
        ("subject_id", event.subject.map(|subject| subject.to_string())),
        ("target_id", Some(event.target_id.to_string())),
        ("target_type", Some(event.target_type.clone().into_owned())),
    ];
    let mut text = String::with_capacity(640);
    for (index, (name, value)) in members.into_iter().enumerate() {
        text.push_str(if index == 0 { "{\"" } else { ",\"" });
        text.push_str(name);
        text.push_str("\":");
        // JSON as serde_json writes a text is what RFC 8785 asks for.
        text.push_str(&value.map_or(Value::Null, Value::String).to_string());
    }
    text.push('}');
    text.into_bytes()
}

/// The chain's hash after an event of this canonical form: SHA-256 of the hash before it and the form.
pub fn hash_after(previous: &Digest, canonical: &[u8]) -> Digest {
    let hash = Sha256::new().chain_update(previous.bytes()).chain_update(canonical).finalize();
    Digest::new(hash.into())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::audit::{GENESIS, KeyHolder};
    use domain::values::UserUuid;
    use uuid::Uuid;

    use super::*;

    fn event() -> SealedEvent {
        SealedEvent {
            id: Uuid::from_u128(1),
            recorded_at: DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap(),
            action: "user.updated".into(),
            actor_type: "user".into(),
            actor_id: Some(UserUuid::new(Uuid::from_u128(2))),
            target_type: "user".into(),
            target_id: Uuid::from_u128(3),
            subject: Some(UserUuid::new(Uuid::from_u128(3))),
            fields: "email,locale".to_owned(),
            origin: Some(SealedText::new(KeyHolder::Person, "AAAA")),
            changes: None,
            request_id: Some("a\"b\\c\u{1}ü".to_owned()),
            session_id: None,
            mac: Digest::new([9; 32]),
        }
    }

    const EXPECTED: &str = concat!(
        r#"{"action":"user.updated","actor_id":"00000000-0000-0000-0000-000000000002","actor_type":"user","#,
        r#""changes":null,"fields":"email,locale","id":"00000000-0000-0000-0000-000000000001","origin":"p1.AAAA","#,
        r#""recorded_at":"2023-11-14T22:13:20.000001Z","request_id":"a\"b\\c\u0001ü","session_id":null,"#,
        r#""subject_id":"00000000-0000-0000-0000-000000000003","target_id":"00000000-0000-0000-0000-000000000003","#,
        r#""target_type":"user"}"#
    );

    #[test]
    fn the_form_is_the_same_for_ever() {
        assert_eq!(String::from_utf8(canonical(&event())).unwrap(), EXPECTED);
    }

    #[test]
    fn the_members_are_sorted() {
        let Value::Object(members) = serde_json::from_slice(&canonical(&event())).unwrap() else { panic!() };
        let again =
            Value::Object(members.into_iter().collect::<std::collections::BTreeMap<_, _>>().into_iter().collect());
        assert_eq!(again.to_string(), EXPECTED);
    }

    #[test]
    fn a_hash_stands_for_everything_before_it() {
        // printf '%064d' 0 | xxd -r -p; printf abc -> sha256
        let first = hash_after(&GENESIS, b"abc");
        assert_eq!(first, hash_after(&GENESIS, b"abc"));
        assert_ne!(first, hash_after(&first, b"abc"));
        assert_ne!(first, hash_after(&GENESIS, b"abd"));
    }
}
