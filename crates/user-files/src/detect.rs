//! Which format a file has.

use std::path::Path;

use crate::format::ImportFormat;
use crate::reading::json_scan::first_members;

pub(crate) fn detect(path: Option<&Path>, beginning: &[u8]) -> Option<ImportFormat> {
    let extension = path.and_then(Path::extension).and_then(|text| text.to_str()).map(str::to_ascii_lowercase);
    let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning).trim_ascii_start();
    match (extension.as_deref(), text.first()) {
        (Some("csv" | "tsv" | "txt"), _) => has_header(text).then_some(ImportFormat::Csv),
        (_, Some(b'{' | b'[')) => of_json(text),
        (Some("json" | "ndjson" | "jsonl"), _) => Some(ImportFormat::Ndjson),
        (_, Some(_)) => has_header(text).then_some(ImportFormat::Csv),
        (_, None) => None,
    }
}

/// Firebase's CSV has none. What is not even text is left for the reader to name.
fn has_header(text: &[u8]) -> bool {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    !line.contains(&b'@')
}

fn of_json(text: &[u8]) -> Option<ImportFormat> {
    let members = first_members(text);
    let has = |name: &str| members.iter().any(|member| member == name);
    let has_any = |names: &[&str]| names.iter().any(|name| has(name));
    if has("model") && has("fields") {
        Some(ImportFormat::Django)
    } else if has("localId") {
        Some(ImportFormat::Firebase)
    } else if has_any(&["realm", "createdTimestamp", "requiredActions", "disableableCredentialTypes"])
        || has("credentials") && has("username")
    {
        Some(ImportFormat::Keycloak)
    } else if has_any(&["_id", "user_id", "identities", "passwordHash", "custom_password_hash", "given_name"]) {
        Some(ImportFormat::Auth0)
    } else {
        // `{"users": [...]}` with nobody inside may be anybody's.
        (!members.is_empty() && !has("users")).then_some(ImportFormat::Ndjson)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::format::ImportFormat::{Auth0, Csv, Django, Firebase, Keycloak, Ndjson};

    #[rstest]
    #[case("u.csv", "username,email\n", Some(Csv))]
    #[case("U.CSV", "\u{feff}username;email\n", Some(Csv))]
    #[case("u.tsv", "username\temail\n", Some(Csv))]
    #[case("firebase.csv", "Zk1,ann@example.org,true,,,\n", None)]
    #[case("-", "username,email\n", Some(Csv))]
    #[case("-", "  {\"username\":\"ann\"}\n", Some(Ndjson))]
    #[case("u.csv", "", Some(Csv))]
    #[case("-", "", None)]
    #[case("u.jsonl", "{\"username\":\"ann\",\"app_metadata\":{\"user_id\":1}}", Some(Ndjson))]
    #[case("u.json", "[{\"username\":\"ann\"}]", Some(Ndjson))]
    #[case("u.json", "[{\"email\":\"\",\"given_name\":\"\"}]", Some(Auth0))]
    #[case("u.json", "{\"_id\":{\"$oid\":\"5\"},\"email\":\"\"}", Some(Auth0))]
    #[case("u.json", "{\"users\": [\n{ \"localId\": \"x\", ", Some(Firebase))]
    #[case("u.json", "{\"users\": []}", None)]
    #[case("u.json", "{}", None)]
    #[case("u.json", "[{\"model\": \"contenttypes.contenttype\", \"fields\": {}}", Some(Django))]
    #[case("u.json", "{\"id\":\"1\",\"realm\":\"x\",\"roles\":{\"a\":[{\"model\":1}]}, ", Some(Keycloak))]
    #[case("u.json", "[{\"id\":\"1\",\"createdTimestamp\":1,", Some(Keycloak))]
    fn a_format_is_known_by_what_it_holds(
        #[case] name: &str,
        #[case] beginning: &str,
        #[case] format: Option<ImportFormat>,
    ) {
        assert_eq!(detect(Some(Path::new(name)), beginning.as_bytes()), format);
    }

    #[test]
    fn a_cut_anywhere_does_no_harm() {
        let text = "{\"a\\\"b\": [1, {\"c\": \"]\"}], \"users\": [{\"localId\": \"é\"}]}";
        for end in 0..text.len() {
            let _ = of_json(&text.as_bytes()[..end]);
        }
        assert_eq!(of_json(text.as_bytes()), Some(Firebase));
    }
}
