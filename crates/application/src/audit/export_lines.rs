//! The lines of an exported trail.
//!
//! NDJSON, which verifies without a database, has these kinds of lines, in the order of the chain:
//!
//! ```text
//! {"start":{"position":99,"hash":"…","checkpoints":[80,90]}}
//! {"position":100,"hash":"…","canonical":"{\"action\":…}","event":{"id":…}}
//! {"checkpoint":{"position":100,"hash":"…","recorded_at":"…","key_id":"…","signature":"…"}}
//! ```
//!
//! The first only stands, and stands first, where a part of the chain was exported that does not begin with its first
//! event: the hash before the part, and the last checkpoints before it.
//!
//! **Only `canonical` is proven**: `hash` is SHA-256 of the hash before it (32 zero bytes before the first) and the bytes
//! of this text, and checkpoints sign the hash. `event` is the same with the personal values open, as far as they could be
//! when it was exported: it is for reading, and nothing shows whether it was changed afterwards.
//!
//! CSV has the readable columns alone, and proves nothing.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use domain::audit::{ChainLink, Checkpoint, SealedEvent};
use domain::values::Digest;
use serde_json::Value;

use super::{AuditRecord, ShownChange, canonical};

/// The names of [`csv_line`]'s columns, as the first line of a file.
pub const CSV_HEADER: &str = "position,id,recorded_at,action,actor_type,actor_id,actor_name,target_type,target_id,\
                              changes,ip,user_agent,request_id,session_id,hash\r\n";

/// Where an exported part of the chain begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainStart {
    /// The position before the part; zero before the first event.
    pub position: i64,
    /// The hash there.
    pub hash: Digest,
    /// The positions of the last checkpoints up to there, in order.
    pub checkpoints: Vec<i64>,
}

/// The line that tells where a part begins.
pub fn start_line(start: &ChainStart) -> String {
    let ChainStart { position, hash, checkpoints } = start;
    let checkpoints: Vec<_> = checkpoints.iter().map(ToString::to_string).collect();
    let checkpoints = checkpoints.join(",");
    format!(
        "{{\"start\":{{\"position\":{position},\"hash\":\"{}\",\"checkpoints\":[{checkpoints}]}}}}\n",
        hash.to_hex()
    )
}

/// The line of an event.
pub fn event_line(place: &ChainLink, event: &SealedEvent, shown: &AuditRecord) -> String {
    let mut line = String::with_capacity(2_048);
    let _ = write!(line, "{{\"position\":{},\"hash\":\"{}\",\"canonical\":", place.position, place.hash.to_hex());
    line.push_str(&json_text(&String::from_utf8_lossy(&canonical(event))));
    line.push_str(",\"event\":");
    push_record_json(&mut line, shown);
    line.push_str("}\n");
    line
}

/// The line of a checkpoint.
pub fn checkpoint_line(checkpoint: &Checkpoint) -> String {
    let Checkpoint { position, hash, recorded_at, key_id, signature } = checkpoint;
    format!(
        "{{\"checkpoint\":{{\"position\":{position},\"hash\":\"{}\",\"recorded_at\":\"{}\",\"key_id\":{},\
         \"signature\":\"{}\"}}}}\n",
        hash.to_hex(),
        time(*recorded_at),
        json_text(key_id),
        signature_to_hex(signature)
    )
}

/// An event as a JSON object, for people and programs that read the trail: with all that opens in the clear.
pub fn push_record_json(json: &mut String, record: &AuditRecord) {
    let id = |id: Option<String>| id.map_or_else(|| "null".to_owned(), |id| format!("\"{id}\""));
    let text = |text: &Option<String>| text.as_deref().map_or_else(|| "null".to_owned(), json_text);
    let AuditRecord { actor, place, .. } = record;
    let _ = write!(
        json,
        "{{\"id\":\"{}\",\"position\":{},\"recorded_at\":\"{}\",\"action\":{},\
         \"actor\":{{\"type\":{},\"id\":{},\"name\":{}}},\"target\":{{\"type\":{},\"id\":\"{}\"}},\"changes\":",
        record.id,
        place.map_or_else(|| "null".to_owned(), |place| place.position.to_string()),
        time(record.recorded_at),
        json_text(&record.action),
        json_text(&actor.kind),
        id(actor.id.map(|id| id.to_string())),
        text(&actor.name),
        json_text(&record.target_type),
        record.target_id,
    );
    push_changes(json, &record.changes);
    let _ = write!(
        json,
        ",\"ip\":{},\"user_agent\":{},\"request_id\":{},\"session_id\":{},\"hash\":{}}}",
        text(&record.ip),
        text(&record.user_agent),
        text(&record.request_id),
        id(record.session_id.map(|id| id.to_string())),
        id(place.map(|place| place.hash.to_hex())),
    );
}

/// An event as a line of CSV (RFC 4180), in the columns of [`CSV_HEADER`]; cells that a spreadsheet would run as formulas
/// begin with an apostrophe.
pub fn csv_line(record: &AuditRecord) -> String {
    let mut changes = String::new();
    if !record.changes.is_empty() {
        push_changes(&mut changes, &record.changes);
    }
    let id = |id: Option<String>| id.unwrap_or_default();
    let cells = [
        id(record.place.map(|place| place.position.to_string())),
        record.id.to_string(),
        time(record.recorded_at),
        record.action.clone(),
        record.actor.kind.clone(),
        id(record.actor.id.map(|id| id.to_string())),
        id(record.actor.name.clone()),
        record.target_type.clone(),
        record.target_id.to_string(),
        changes,
        id(record.ip.clone()),
        id(record.user_agent.clone()),
        id(record.request_id.clone()),
        id(record.session_id.map(|id| id.to_string())),
        id(record.place.map(|place| place.hash.to_hex())),
    ];
    let mut line = String::with_capacity(512);
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        push_cell(&mut line, cell);
    }
    line.push_str("\r\n");
    line
}

/// A signature as 128 lower-case hexadecimal digits.
pub fn signature_to_hex(signature: &[u8; 64]) -> String {
    signature.iter().fold(String::with_capacity(128), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn push_changes(json: &mut String, changes: &[ShownChange]) {
    json.push('[');
    for (index, ShownChange { field, old, new }) in changes.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(json, "{comma}{{\"field\":{}", json_text(field));
        for (name, value) in [("old", old), ("new", new)] {
            if let Some(value) = value {
                let _ = write!(json, ",\"{name}\":{value}");
            }
        }
        json.push('}');
    }
    json.push(']');
}

fn push_cell(line: &mut String, cell: &str) {
    // OWASP, "CSV Injection", full-width forms included.
    let explodes = |first| matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    let is_defused = cell.trim_start_matches('\'').chars().next().is_some_and(explodes);
    let is_quoted = cell.contains([',', '"', '\r', '\n']);
    if is_quoted {
        line.push('"');
    }
    if is_defused {
        line.push('\'');
    }
    if is_quoted {
        line.push_str(&cell.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(cell);
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn json_text(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use domain::audit::Place;
    use domain::values::UserUuid;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::audit::ShownActor;

    fn record() -> AuditRecord {
        AuditRecord {
            id: Uuid::from_u128(1),
            place: Some(Place { position: 7, hash: Digest::new([0xAB; 32]) }),
            recorded_at: DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap(),
            action: "user.updated".to_owned(),
            actor: ShownActor {
                kind: "user".to_owned(),
                id: Some(UserUuid::new(Uuid::from_u128(2))),
                name: Some("ann".to_owned()),
            },
            target_type: "user".to_owned(),
            target_id: Uuid::from_u128(3),
            subject: Some(UserUuid::new(Uuid::from_u128(3))),
            changes: vec![
                ShownChange { field: "full_name".to_owned(), old: Some(Value::Null), new: Some("A \"B\"\n".into()) },
                ShownChange { field: "password".to_owned(), old: None, new: None },
            ],
            ip: Some("192.0.2.1".to_owned()),
            user_agent: Some("=1+1".to_owned()),
            request_id: None,
            session_id: None,
        }
    }

    #[test]
    fn an_event_reads_as_the_api_shows_it() {
        let mut text = String::new();
        push_record_json(&mut text, &record());
        let expected = json!({
            "id": "00000000-0000-0000-0000-000000000001",
            "position": 7,
            "recorded_at": "2023-11-14T22:13:20.000001Z",
            "action": "user.updated",
            "actor": {"type": "user", "id": "00000000-0000-0000-0000-000000000002", "name": "ann"},
            "target": {"type": "user", "id": "00000000-0000-0000-0000-000000000003"},
            "changes": [{"field": "full_name", "old": null, "new": "A \"B\"\n"}, {"field": "password"}],
            "ip": "192.0.2.1",
            "user_agent": "=1+1",
            "request_id": null,
            "session_id": null,
            "hash": "ab".repeat(32),
        });
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
    }

    #[test]
    fn an_event_without_a_place_has_neither_position_nor_hash() {
        let mut text = String::new();
        push_record_json(&mut text, &AuditRecord { place: None, ..record() });
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&read["position"], &read["hash"]), (&Value::Null, &Value::Null));
    }

    #[test]
    fn cells_are_quoted_where_they_must_be_and_never_run() {
        let columns = CSV_HEADER.trim_end().split(',').count();
        let expected = concat!(
            "7,00000000-0000-0000-0000-000000000001,2023-11-14T22:13:20.000001Z,user.updated,user,",
            "00000000-0000-0000-0000-000000000002,ann,user,00000000-0000-0000-0000-000000000003,",
            r#""[{""field"":""full_name"",""old"":null,""new"":""A \""B\""\n""},{""field"":""password""}]","#,
            "192.0.2.1,'=1+1,,,"
        );
        assert_eq!(csv_line(&record()), format!("{expected}{}\r\n", "ab".repeat(32)));
        let plain = AuditRecord { changes: Vec::new(), ..record() };
        assert_eq!(csv_line(&plain).split(',').count(), columns);
    }
}
