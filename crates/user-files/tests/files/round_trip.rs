//! What an export writes, an import reads back as the same users.

use chrono::{DateTime, Utc};
use domain::input::Change;
use domain::user::UserView;
use domain::values::{
    EmailAddress, ExternalId, Locale, Metadata, PersonName, Role, UserId, UserUuid, Username, moment,
};
use proptest::prelude::*;
use user_files::{IdFormat, ImportFormat, ImportedUser, UserCsv, UserNdjson};
use uuid::Uuid;

use super::{records, user};

/// Names as people have them and as nobody should: whatever the rules let pass.
fn name() -> impl Strategy<Value = Option<String>> {
    let odd = prop_oneof![
        "[=+\\-@'\",;a ＝é🦀|\\\\]{0,8}",
        Just("=cmd|' /C calc'!A0".to_owned()),
        Just("'=1".to_owned()),
        Just("''".to_owned()),
        Just("NULL".to_owned()),
        Just("\u{feff}x".to_owned()),
        Just("\u{2028}".to_owned()),
        any::<String>(),
    ];
    prop::option::of(odd.prop_filter("a name", |name| PersonName::parse(name).is_ok()))
}

fn time() -> impl Strategy<Value = DateTime<Utc>> {
    (0_i64..253_402_300_800_000_000).prop_map(|micros| moment(DateTime::from_timestamp_micros(micros).unwrap()))
}

fn metadata() -> impl Strategy<Value = Metadata> {
    prop::collection::btree_map("[a-z\"é=]{0,4}", "[^\\x00]{0,6}", 0..3)
        .prop_map(|members| Metadata::from_json_object(serde_json::json!(members).to_string()).unwrap())
}

fn view() -> impl Strategy<Value = UserView> {
    let username = prop_oneof!["[a-z]{3,9}", "[=+\\-'\",;]{3,9}", "日本[語文]{1,3}"]
        .prop_filter("a username", |name| Username::parse(name).is_ok_and(|parsed| parsed.as_str() == name));
    let email = "[a-z+='-]{1,9}@[a-z]{1,5}\\.org".prop_filter("an address", |text| EmailAddress::parse(text).is_ok());
    let names = (name(), name(), name());
    let external_id = prop::option::of("[=a'\"0-9|,-]{1,9}");
    let locale = prop::option::of(prop::sample::select(vec!["de", "en-GB", "zh-Hant-TW"]).prop_map(str::to_owned));
    let flags = (any::<bool>(), any::<bool>(), prop::sample::select(Role::ALL.to_vec()));
    let times = (time(), time(), prop::option::of(time()), prop::option::of(time()));
    let ids = (1_i64.., 1_u128..u128::MAX);
    (ids, username, email, names, external_id, locale, flags, (metadata(), metadata()), times).prop_map(
        |((id, uuid), username, email, names, external_id, locale, flags, metadata, times)| UserView {
            id: UserId::new(id),
            uuid: UserUuid::new(Uuid::from_u128(uuid)),
            username,
            email,
            full_name: names.0,
            first_name: names.1,
            last_name: names.2,
            role: flags.2,
            is_active: flags.0,
            email_verified: flags.1,
            external_id,
            locale,
            user_metadata: metadata.0,
            app_metadata: metadata.1,
            suspended_until: times.2,
            created_at: times.0,
            updated_at: times.1,
            last_login_at: times.3,
            deleted_at: None,
            version: 1,
        },
    )
}

fn owned<T>(change: &Change<T>, as_str: impl Fn(&T) -> &str) -> Option<String> {
    super::text(change, as_str).map(str::to_owned)
}

/// The user that an import of this makes, where the rest is as it was.
fn imported(from: &ImportedUser, was: &UserView) -> UserView {
    let full_name = owned(&from.full_name, PersonName::as_str);
    UserView {
        uuid: from.uuid.unwrap(),
        username: from.username.as_str().to_owned(),
        email: from.email.as_str().to_owned(),
        // A derived one that comes back is not stored.
        full_name: full_name
            .filter(|name| was.full_name.is_some() || was.displayed_full_name().as_deref() != Some(name)),
        first_name: owned(&from.first_name, PersonName::as_str),
        last_name: owned(&from.last_name, PersonName::as_str),
        role: from.role.unwrap(),
        is_active: from.is_active.unwrap(),
        email_verified: from.email_verified.unwrap(),
        external_id: owned(&from.external_id, ExternalId::as_str),
        locale: owned(&from.locale, Locale::as_str),
        user_metadata: Metadata::from_stored(owned(&from.user_metadata, Metadata::as_json).unwrap()),
        app_metadata: Metadata::from_stored(owned(&from.app_metadata, Metadata::as_json).unwrap()),
        suspended_until: from.suspended_until,
        created_at: from.created_at.unwrap(),
        ..was.clone()
    }
}

fn csv_of(views: &[UserView]) -> Vec<u8> {
    let writer = UserCsv::new(IdFormat::Integer).showing_deletion(true);
    let mut file = Vec::new();
    writer.header(&mut file);
    for view in views {
        writer.row(view, &mut file);
    }
    file
}

fn ndjson_of(views: &[UserView]) -> Vec<u8> {
    let mut file = Vec::new();
    for view in views {
        UserNdjson::new(IdFormat::Uuid).row(view, &mut file);
    }
    file
}

proptest! {
    #[test]
    fn an_export_read_back_is_the_same_users(views in prop::collection::vec(view(), 1..4)) {
        for (format, file) in [(ImportFormat::Csv, csv_of(&views)), (ImportFormat::Ndjson, ndjson_of(&views))] {
            let records = records(format, &file);
            prop_assert_eq!(records.len(), views.len());
            for (record, view) in records.iter().zip(&views) {
                prop_assert_eq!(&imported(user(record), view), view);
            }
        }
    }

    #[test]
    fn no_cell_of_an_export_begins_as_a_formula(views in prop::collection::vec(view(), 1..4)) {
        let file = csv_of(&views);
        for row in csv::Reader::from_reader(&file[..]).records() {
            for cell in &row.unwrap() {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']), "{cell}");
            }
        }
    }

    #[test]
    fn an_export_is_the_same_in_both_forms(view in view()) {
        let file = csv_of(std::slice::from_ref(&view));
        let mut reader = csv::Reader::from_reader(&file[..]);
        let header = reader.headers().unwrap().clone();
        let row = reader.records().next().unwrap().unwrap();
        let mut line = Vec::new();
        UserNdjson::new(IdFormat::Integer).showing_deletion(true).row(&view, &mut line);
        let object: serde_json::Value = serde_json::from_slice(&line).unwrap();
        let members: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
        let mut columns: Vec<_> = header.iter().collect();
        columns.sort_unstable();
        prop_assert_eq!(members, columns);
        for (column, cell) in header.iter().zip(&row) {
            let cell = cell.strip_prefix('\'').filter(|rest| !rest.is_empty()).unwrap_or(cell);
            let told = match &object[column] {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text.strip_prefix('\'').filter(|rest| !rest.is_empty()).unwrap_or(text).to_owned(),
                value => value.to_string(),
            };
            prop_assert_eq!(told.trim_start_matches('\''), cell.trim_start_matches('\''), "{}", column);
        }
    }
}
