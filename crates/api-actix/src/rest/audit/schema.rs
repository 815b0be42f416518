//! Events, as the OpenAPI document describes them.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something that happened. It never changes.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
pub struct EventResponse {
    /// The event's own id.
    #[schema(example = "019aa5b0-7c1e-7000-8000-0000000000e1")]
    pub id: Uuid,
    /// Its place in the chain: dense, from 1; null until it has one, within a second.
    #[schema(required, example = 7)]
    pub position: Option<i64>,
    /// When it happened.
    #[schema(format = "date-time", example = "2026-11-21T09:08:07.006005Z")]
    pub recorded_at: String,
    /// What happened.
    #[schema(example = "user.updated")]
    pub action: String,
    /// Who did it.
    pub actor: EventActor,
    /// To what.
    pub target: EventTarget,
    /// What changed.
    pub changes: Vec<EventChange>,
    /// The client's address.
    #[schema(required, example = "203.0.113.7")]
    pub ip: Option<String>,
    /// What the client said it was.
    #[schema(required, example = "curl/8.5.0")]
    pub user_agent: Option<String>,
    /// The request's id.
    #[schema(required, example = "5f2b8c9d01e700000001")]
    pub request_id: Option<String>,
    /// The session that was used.
    #[schema(required, example = "019aa5b0-7c1e-7000-8000-00000000005e")]
    pub session_id: Option<Uuid>,
    /// SHA-256 over everything up to here, in hexadecimal digits; null until the event has its place.
    #[schema(required, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub hash: Option<String>,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub struct EventActor {
    /// `user`, `anonymous` or `system`.
    #[serde(rename = "type")]
    #[schema(example = "user")]
    pub kind: String,
    /// The user's UUID.
    #[schema(required, example = "019aa5b0-7c1e-7000-8000-000000000001")]
    pub id: Option<Uuid>,
    /// The name they went by then.
    #[schema(required, example = "root")]
    pub name: Option<String>,
}

/// To what something was done.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub struct EventTarget {
    /// `user`, `session`, or `name`: one that nobody has, by a pseudonym.
    #[serde(rename = "type")]
    #[schema(example = "user")]
    pub kind: String,
    /// Its UUID.
    #[schema(example = "019aa5b0-7c1e-7000-8000-000000000042")]
    pub id: Uuid,
}

/// A member's way from one value to another. Of a secret, only that it changed is there.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[schema(example = json!({"field": "locale", "old": "en", "new": "de"}))]
pub struct EventChange {
    /// The member's name.
    #[schema(example = "locale")]
    pub field: String,
    /// What it was.
    #[serde(default)]
    #[schema(value_type = Option<Value>, required = false, example = "en")]
    pub old: Option<Value>,
    /// What it became.
    #[serde(default)]
    #[schema(value_type = Option<Value>, required = false, example = "de")]
    pub new: Option<Value>,
}

/// A page of the trail.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
pub struct EventListResponse {
    /// The events, the newest first.
    pub events: Vec<EventResponse>,
    /// What to send as `cursor` for the next page; null on the last one.
    #[schema(required, example = json!(null))]
    pub next_cursor: Option<String>,
}

/// A part of the feed.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
pub struct FeedResponse {
    /// The events, by position, none left out.
    pub events: Vec<EventResponse>,
    /// What to send as `after` for the next part.
    #[schema(example = 7)]
    pub position: i64,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub struct VerificationResponse {
    /// Whether nothing was changed, taken away, put in or moved.
    #[schema(example = true)]
    pub ok: bool,
    /// The first position that was looked at.
    #[schema(example = 1)]
    pub from: i64,
    /// The last position that is in order: the end of the part, or the one before the first wrong one.
    #[schema(example = 7)]
    pub to: i64,
    /// How many events are in order.
    #[schema(example = 7)]
    pub events: u64,
    /// How many signed checkpoints fit; null where something is wrong.
    #[schema(required, example = 2)]
    pub checkpoints: Option<u64>,
    /// The position of the last checkpoint that fits. What is behind it nobody has signed yet: only an outside copy shows
    /// whether that was all.
    #[schema(required, example = 7)]
    pub signed_to: Option<i64>,
    /// The hash at the last position, to be compared with an outside copy; null where something is wrong.
    #[schema(required, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub hash: Option<String>,
    /// The Ed25519 key that signs now, in hexadecimal digits.
    #[schema(example = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")]
    pub public_key: String,
    /// What checkpoints call it.
    #[schema(example = "21fe31dfa154a261")]
    pub key_id: String,
    /// The first position that is wrong; null where none is.
    #[schema(required, example = json!(null))]
    pub first_wrong: Option<WrongPosition>,
    /// Events without a place; null where the end of the chain was not looked at.
    #[schema(required, example = json!({"forged": [], "forged_count": 0, "waiting": 0}))]
    pub unplaced: Option<UnplacedEvents>,
}

/// The first position that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub struct WrongPosition {
    /// The position.
    #[schema(example = 8)]
    pub position: i64,
    /// `position_missing`, `cut`, `event_missing`, `changed`, `reordered`, `not_authentic`, `signed_otherwise`,
    /// `wrong_signature` or `unreadable`.
    #[schema(example = "changed")]
    pub what: String,
    /// The same as a sentence.
    #[schema(example = "The event is not what it was when it got its place")]
    pub detail: String,
    /// The event there, where there is one.
    #[schema(required, example = "019aa5b0-7c1e-7000-8000-0000000000e1")]
    pub event: Option<Uuid>,
}

/// Events without a place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub struct UnplacedEvents {
    /// Events that somebody put in by hand: at most a hundred are named.
    #[schema(example = json!([]))]
    pub forged: Vec<Uuid>,
    /// How many there are.
    #[schema(example = 0)]
    pub forged_count: u64,
    /// Genuine ones that have waited for longer than a minute.
    #[schema(example = 0)]
    pub waiting: u64,
}
