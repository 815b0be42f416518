//! How old the last event of the chain is, as long as more are written.

use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use chrono::{NaiveDateTime, Utc};
use sqlx::{Connection as _, MySqlConnection};

use super::Failure;

const LAST: &str = "SELECT c.position, e.recorded_at FROM audit_chain c JOIN audit_events e ON e.id = c.event_id \
     ORDER BY c.position DESC LIMIT 1";

/// From the first one on it counts.
const ANY: &str = "SELECT 1 FROM audit_events LIMIT 1";

/// After so long without a new position something is broken.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) async fn watch(url: &str, events: i64) -> Result<String, Failure> {
    let mut connection = MySqlConnection::connect(url).await?;
    let (mut first, mut moved, mut position) = (None, Instant::now(), 0);
    let mut ages = Vec::new();
    while position < events {
        let last: Option<(i64, NaiveDateTime)> = sqlx::query_as(LAST).fetch_optional(&mut connection).await?;
        if first.is_none() && sqlx::query(ANY).fetch_optional(&mut connection).await?.is_some() {
            first = Some(Instant::now());
        }
        if let Some((reached, recorded_at)) = last {
            if reached > position {
                (position, moved) = (reached, Instant::now());
            }
            ages.push((Utc::now().naive_utc() - recorded_at).as_seconds_f64() * 1e3);
        }
        if moved.elapsed() > PATIENCE {
            return Err(format!("the chain stays at {position} of {events}").into());
        }
        sleep(Duration::from_millis(50)).await;
    }
    ages.sort_by(f64::total_cmp);
    let age = |part: usize| ages.get((ages.len().saturating_sub(1)) * part / 100).copied().unwrap_or_default();
    let begun = first.ok_or("there was nothing to watch")?;
    let seconds = begun.elapsed().as_secs_f64();
    Ok(format!("placed={position} seconds={seconds:.3} age_p50={:.0} age_max={:.0}", age(50), age(100)))
}
