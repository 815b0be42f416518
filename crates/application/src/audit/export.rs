//! Exporting the trail in the order of the chain, part by part.

use std::sync::Arc;

use domain::audit::{ChainedEvent, Place, StoredEvent};
use domain::ports::StorageError;

use super::export_lines::{CSV_HEADER, checkpoint_line, csv_line, event_line, start_line};
use super::open_all;
use super::range::{Checkpoints, PositionRange, signed_end, start_at};
use crate::Ports;

/// Events that are read at once.
const PAGE: u32 = 500;

/// How an exported trail looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A JSON object in each line, with which the chain is verified without a database.
    Ndjson,
    /// Readable columns alone.
    Csv,
}

/// An export that is under way: the events that had places when it began, in their order, in constant memory.
///
/// What was taken away by hand is missing, which shows when NDJSON is verified.
pub struct ChainExport {
    ports: Ports,
    format: ExportFormat,
    /// What is written before anything else.
    head: String,
    after: i64,
    last: i64,
    checkpoints: Checkpoints,
}

impl ChainExport {
    /// Begins an export of a part of the chain. As NDJSON it goes on to the next checkpoint, so that all of it is signed.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    pub async fn begin(ports: &Ports, range: PositionRange, format: ExportFormat) -> Result<Self, StorageError> {
        let chain = &ports.chain;
        let end = chain.head().await?.map_or(0, |head| head.position);
        let (after, mut last) = (range.first() - 1, range.last().unwrap_or(end).min(end));
        let mut head = String::new();
        match format {
            ExportFormat::Csv => head.push_str(CSV_HEADER),
            ExportFormat::Ndjson if last > after => {
                last = signed_end(&**chain, last).await?.min(end);
                if after > 0 {
                    head.extend(start_at(chain, after).await?.as_ref().map(start_line));
                }
            }
            ExportFormat::Ndjson => {}
        }
        let checkpoints = Checkpoints::after(Arc::clone(chain), after);
        Ok(Self { ports: ports.clone(), format, head, after, last, checkpoints })
    }

    /// How many positions are left.
    pub fn left(&self) -> u64 {
        u64::try_from(self.last - self.after).unwrap_or_default()
    }

    /// The next lines; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    pub async fn part(&mut self) -> Result<Option<String>, StorageError> {
        if self.after >= self.last {
            return Ok(Some(std::mem::take(&mut self.head)).filter(|head| !head.is_empty()));
        }
        let mut links = self.ports.chain.links(self.after, PAGE).await?;
        links.retain(|chained| chained.link.position <= self.last);
        let until = links.last().map_or(self.last, |chained| chained.link.position);
        let shown = open_all(&self.ports, links.iter().filter_map(stored).collect()).await?;
        let (mut part, mut shown) = (std::mem::take(&mut self.head), shown.into_iter());
        for chained in &links {
            if let Some(event) = &chained.event {
                let Some(shown) = shown.next() else { break };
                part.push_str(&match self.format {
                    ExportFormat::Ndjson => event_line(&chained.link, event, &shown),
                    ExportFormat::Csv => csv_line(&shown),
                });
            }
            if self.format == ExportFormat::Ndjson {
                while let Some(checkpoint) = self.checkpoints.next_up_to(chained.link.position).await? {
                    part.push_str(&checkpoint_line(&checkpoint));
                }
            }
        }
        self.after = until;
        Ok(Some(part))
    }
}

fn stored(chained: &ChainedEvent) -> Option<StoredEvent> {
    let place = Place { position: chained.link.position, hash: chained.link.hash };
    Some(StoredEvent { event: chained.event.clone()?, place: Some(place) })
}
