//! What holds for every text, however odd.

use caseless::Caseless;
use domain::input::{Change, NewUserInput, UserChangesInput};
use domain::values::{
    EmailAddress, ExternalId, Locale, Metadata, PasswordHash, PasswordPolicy, PasswordText, PersonName, PlainPassword,
    PrefixRange, Role, StatusReason, UserRef, Username, fold,
};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

/// Characters that are known to make trouble when text is folded, composed, measured or shown.
const ODD: &str = "\0\t\n\r \u{7f}\u{85}\u{a0}\u{ad}@.-_/\\%'\"{}[]\u{300}\u{308}\u{327}\u{345}\u{378}\u{3a3}\u{3c2}\u{3f4}\
    \u{430}\u{587}\u{61c}\u{661}\u{966}\u{1100}\u{1161}\u{11a8}\u{1e9e}\u{1f82}\u{1fb7}\u{200b}\u{200d}\u{202e}\u{2028}\
    \u{2126}\u{212a}\u{2121}\u{3000}\u{3164}\u{ab70}\u{13a0}\u{ac00}\u{d7ff}\u{e000}\u{fb01}\u{fb03}\u{fdfa}\u{fe0f}\u{feff}\
    \u{ff20}\u{ff21}\u{ffa0}\u{ffff}\u{10400}\u{1d400}\u{1f980}\u{e0041}\u{10ffff}aAiIıİKkßſSs日語";

fn character() -> impl Strategy<Value = char> {
    let odd: Vec<char> = ODD.chars().collect();
    prop_oneof![
        3 => any::<char>(),
        3 => prop::char::range(' ', '~'),
        3 => prop::char::range('\u{a0}', '\u{24ff}'),
        4 => prop::sample::select(odd),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(character(), 0..24).prop_map(String::from_iter)
}

/// Text that is a username more often than not.
fn name() -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        prop::char::range('a', 'z'),
        prop::char::range('A', 'Z'),
        prop::char::range('ß', 'ſ'),
        prop::char::range('\u{300}', '\u{30c}'),
        prop::char::range('\u{1e00}', '\u{1eff}'),
        prop::char::range('ａ', 'ｚ'),
    ];
    prop::collection::vec(letter, 3..20).prop_map(String::from_iter)
}

fn address() -> impl Strategy<Value = String> {
    let domain = prop_oneof![
        "[a-zA-Z0-9]([a-zA-Z0-9-]{0,5}[a-zA-Z0-9])?(\\.[a-zA-Z0-9]{1,4}){1,3}",
        "[a-zäöüÄÖÜßéèñ]{1,9}\\.(org|ORG|рф|香港|example)",
    ];
    ("[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,12}", domain).prop_map(|(local, domain)| format!("{local}@{domain}"))
}

fn fullwidth(text: &str) -> String {
    let widen = |c: char| char::from_u32(u32::from(c) + 0xfee0).filter(|_| c.is_ascii_graphic()).unwrap_or(c);
    text.chars().map(widen).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn folding_twice_is_folding_once(text in text()) {
        let folded = fold(&text);
        prop_assert_eq!(fold(&folded), folded);
    }

    #[test]
    fn folding_ignores_composition_and_case(text in text()) {
        let folded = fold(&text);
        prop_assert_eq!(fold(&text.nfc().collect::<String>()), folded.as_str());
        prop_assert_eq!(fold(&text.nfd().collect::<String>()), folded.as_str());
        prop_assert_eq!(fold(&text.nfd().default_case_fold().collect::<String>()), folded.as_str());
        prop_assert_eq!(fold(&text.to_ascii_uppercase()), folded.as_str());
    }

    #[test]
    fn a_prefix_range_holds_exactly_what_begins_with_the_prefix(
        prefix in prop::collection::vec(character(), 0..4).prop_map(String::from_iter),
        last in character(),
        rest in text(),
        other in text(),
    ) {
        let range = PrefixRange::of(&prefix);
        let holds = |text: &str| range.from.as_str() <= text && range.until.as_deref().is_none_or(|until| text < until);
        let beside = {
            let mut beside = prefix.clone();
            beside.pop();
            beside.push(last);
            beside + &rest
        };
        for text in [prefix.clone(), format!("{prefix}{rest}"), format!("{prefix}\u{10ffff}"), beside, other] {
            prop_assert_eq!(holds(&text), text.starts_with(&prefix), "{:?} in {:?}", text, range);
        }
    }

    #[test]
    fn what_was_read_once_reads_the_same_again(text in prop_oneof![text(), name(), address()]) {
        if let Ok(value) = Username::parse(&text) {
            prop_assert_eq!(Username::parse(value.as_str()), Ok(value));
        }
        if let Ok(value) = EmailAddress::parse(&text) {
            prop_assert_eq!(value.as_str(), &text);
            prop_assert_eq!(EmailAddress::parse(value.as_str()), Ok(value));
        }
        if let Ok(value) = PersonName::parse(&text) {
            prop_assert_eq!(value.as_str(), &text);
        }
        if let Ok(value) = ExternalId::parse(&text) {
            prop_assert_eq!(value.as_str(), &text);
        }
        if let Ok(value) = Locale::parse(&text) {
            prop_assert_eq!(value.as_str(), &text);
        }
        if let Ok(value) = StatusReason::parse(&text) {
            prop_assert_eq!(value.as_str(), &text);
        }
        if let Ok(value) = Metadata::from_json_object(text.clone()) {
            prop_assert_eq!(value.as_json(), &text);
        }
        if let Ok(value) = Role::parse(&text) {
            prop_assert_eq!(value.as_str(), &text);
        }
        if let Ok(value) = UserRef::parse(&text) {
            prop_assert_eq!(UserRef::parse(&value.to_string()), Ok(value));
        }
    }

    #[test]
    fn a_key_is_its_own_key(text in prop_oneof![text(), name(), address()]) {
        let key = Username::key_of(&text);
        prop_assert_eq!(Username::key_of(&key), key);
        let key = EmailAddress::key_of(&text);
        prop_assert_eq!(EmailAddress::key_of(&key), key);
    }

    #[test]
    fn case_width_and_composition_do_not_make_another_username(text in name()) {
        let Ok(name) = Username::parse(&text) else { return Ok(()) };
        let key = name.key();
        for variant in [
            text.nfd().collect(),
            text.nfkd().collect(),
            text.to_ascii_uppercase(),
            text.to_lowercase(),
            fullwidth(&text),
            text.chars().default_case_fold().collect::<String>(),
        ] {
            prop_assert_eq!(Username::key_of(&variant), key.as_str(), "{:?}", variant);
        }
    }

    #[test]
    fn a_username_shows_every_character_it_has(text in prop_oneof![text(), name()]) {
        let Ok(name) = Username::parse(&text) else { return Ok(()) };
        prop_assert!((3..=50).contains(&name.as_str().chars().count()));
        prop_assert!(!name.as_str().contains(|c: char| c.is_whitespace() || c.is_control() || c == '@'));
        prop_assert!(name.as_str().nfkc().eq(name.as_str().chars()));
    }

    #[test]
    fn the_key_of_an_address_is_an_address_in_ascii(text in address()) {
        let Ok(email) = EmailAddress::parse(&text) else { return Ok(()) };
        let key = email.key();
        prop_assert!(key.is_ascii() && key.len() <= EmailAddress::MAX_OCTETS);
        prop_assert!(!key.contains(|c: char| c.is_ascii_uppercase()));
        prop_assert_eq!(EmailAddress::parse(&key).unwrap().key(), key);
        prop_assert_eq!(EmailAddress::key_of(&text.to_ascii_uppercase()), email.key());
        prop_assert_eq!(EmailAddress::key_of(&text.nfd().collect::<String>()), email.key());
    }

    #[test]
    fn a_password_is_kept_as_typed_and_hashed_in_form_nfkc(text in text()) {
        let parsed = PlainPassword::parse(&text, &PasswordPolicy::default());
        let fits = (8..=100).contains(&text.chars().count()) && !text.contains('\0');
        prop_assert_eq!(parsed.is_ok(), fits);
        if let Ok(password) = parsed {
            prop_assert_eq!(password.expose_typed(), &text);
            prop_assert!(password.expose_normalized().chars().eq(text.nfkc()));
        }
    }

    #[test]
    fn nothing_that_holds_a_password_prints_it(text in "[ -~]{8,40}") {
        prop_assert_eq!(format!("{:?}", PasswordText::from(text.as_str())), "PasswordText(..)");
        prop_assert_eq!(format!("{:#?}", PasswordHash::from_stored(text.clone())), "PasswordHash(..)");
        let password = PlainPassword::parse(&text, &PasswordPolicy::default()).unwrap();
        prop_assert_eq!(format!("{:?}", password), "PlainPassword(..)");
        let new = |password: &str| NewUserInput { password: Some(password.into()), ..NewUserInput::default() };
        prop_assert_eq!(format!("{:?}", new(&text)), format!("{:?}", new("")));
        let change = |password: &str| UserChangesInput { password: Change::Set(password.into()), ..UserChangesInput::default() };
        prop_assert_eq!(format!("{:?}", change(&text)), format!("{:?}", change("")));
    }

    #[test]
    fn a_violation_never_repeats_a_password(text in "[ -~]{20,40}\0") {
        let violation = PlainPassword::parse(&text, &PasswordPolicy::default()).unwrap_err();
        let printed = format!("{violation} {violation:?}");
        prop_assert!(!printed.contains(text.trim_end_matches('\0')));
    }

    #[test]
    fn input_names_exactly_the_members_whose_own_rule_fails(texts in prop::array::uniform11(prop_oneof![text(), name(), address()])) {
        let policy = PasswordPolicy::default();
        let [username, email, password, full_name, first_name, last_name, role, external_id, locale, user, app] = texts.clone();
        let expected = [
            ("/app_metadata", Metadata::from_json_object(app.clone()).err()),
            ("/email", EmailAddress::parse(&email).err()),
            ("/external_id", ExternalId::parse(&external_id).err()),
            ("/first_name", PersonName::parse(&first_name).err()),
            ("/full_name", PersonName::parse(&full_name).err()),
            ("/last_name", PersonName::parse(&last_name).err()),
            ("/locale", Locale::parse(&locale).err()),
            ("/password", PlainPassword::parse(&password, &policy).err()),
            ("/role", Role::parse(&role).err()),
            ("/user_metadata", Metadata::from_json_object(user.clone()).err()),
            ("/username", Username::parse(&username).err()),
        ];
        let expected: Vec<_> =
            expected.into_iter().filter_map(|(pointer, violation)| Some(violation?.at(pointer))).collect();
        let new = NewUserInput {
            username: Some(username.clone()),
            email: Some(email.clone()),
            password: Some(password.clone().into()),
            full_name: Some(full_name.clone()),
            first_name: Some(first_name.clone()),
            last_name: Some(last_name.clone()),
            role: Some(role.clone()),
            is_active: None,
            must_change_password: None,
            external_id: Some(external_id.clone()),
            locale: Some(locale.clone()),
            user_metadata: Some(user.clone()),
            app_metadata: Some(app.clone()),
        };
        prop_assert_eq!(new.parse(&policy).err().unwrap_or_default(), expected.clone());
        let changes = UserChangesInput {
            username: Change::Set(username),
            email: Change::Set(email),
            password: Change::Set(password.into()),
            full_name: Change::Set(full_name),
            first_name: Change::Set(first_name),
            last_name: Change::Set(last_name),
            role: Change::Set(role),
            is_active: Change::Keep,
            must_change_password: Change::Keep,
            external_id: Change::Set(external_id),
            locale: Change::Set(locale),
            user_metadata: Change::Set(user),
            app_metadata: Change::Set(app),
        };
        prop_assert_eq!(changes.parse(&policy).err().unwrap_or_default(), expected);
    }
}
