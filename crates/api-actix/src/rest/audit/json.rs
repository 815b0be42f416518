//! Events as JSON.

use std::fmt::Write as _;

use application::audit::export_lines::push_record_json;
use application::audit::{AuditRecord, EventListing, FeedPage};

/// What an event usually takes, so that the buffer need not grow.
const USUAL_SIZE: usize = 640;

/// A page of the trail.
pub(crate) fn listing(listing: &EventListing) -> String {
    let mut json = String::from("{\"events\":");
    push_events(&mut json, &listing.events);
    json.push_str(",\"next_cursor\":");
    match &listing.next_cursor {
        // Cursors are URL-safe, so there is nothing in them to escape.
        Some(cursor) => json.extend(["\"", cursor, "\""]),
        None => json.push_str("null"),
    }
    json.push('}');
    json
}

/// A part of the feed.
pub(crate) fn feed(page: &FeedPage) -> String {
    let mut json = String::from("{\"events\":");
    push_events(&mut json, &page.events);
    json.push_str(",\"position\":");
    json.push_str(&page.position.to_string());
    json.push('}');
    json
}

/// The same as Server-Sent Events: each with its position as the id by which a client goes on behind it.
pub(crate) fn stream(page: &FeedPage) -> String {
    let mut text = String::with_capacity(page.events.len() * USUAL_SIZE);
    for event in &page.events {
        let position = event.place.map_or(page.position, |place| place.position);
        let _ = write!(text, "id: {position}\nevent: {}\ndata: ", event.action);
        push_record_json(&mut text, event);
        text.push_str("\n\n");
    }
    text
}

fn push_events(json: &mut String, events: &[AuditRecord]) {
    json.reserve(events.len() * USUAL_SIZE);
    json.push('[');
    for (index, event) in events.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        push_record_json(json, event);
    }
    json.push(']');
}
