//! Verifying an exported trail with the public key alone.

use chrono::{DateTime, Utc};
use domain::audit::Checkpoint;
use domain::values::Digest;
use serde_json::{Map, Value};

use super::check::{ChainCheck, CheckedLink, SignatureCheck, Verified, Wrong};
use super::export_lines::ChainStart;
use super::range::REMEMBERED;

/// A file that is being checked, line by line (see [`export_lines`](super::export_lines)).
pub struct FileCheck {
    is_signed: SignatureCheck,
    check: Option<ChainCheck>,
}

/// Why a file does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFlaw {
    /// The line is none of an exported trail.
    NotALine,
    /// A position is wrong.
    Wrong(Wrong),
}

impl From<Wrong> for FileFlaw {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl FileCheck {
    /// Begins with nothing.
    pub const fn new(is_signed: SignatureCheck) -> Self {
        Self { is_signed, check: None }
    }

    /// Checks the next line.
    ///
    /// # Errors
    ///
    /// [`FileFlaw`]; the check is over then.
    pub fn line(&mut self, line: &[u8]) -> Result<(), FileFlaw> {
        let members: Map<String, Value> = serde_json::from_slice(line).map_err(|_| FileFlaw::NotALine)?;
        if let Some(start) = members.get("start") {
            if self.check.is_some() {
                return Err(FileFlaw::NotALine);
            }
            let start = read_start(start).ok_or(FileFlaw::NotALine)?;
            self.check = Some(ChainCheck::new(&start, SignatureCheck::clone(&self.is_signed)));
            return Ok(());
        }
        let check = self.check.get_or_insert_with(|| ChainCheck::of_all(SignatureCheck::clone(&self.is_signed)));
        if let Some(checkpoint) = members.get("checkpoint") {
            let checkpoint = read_checkpoint(checkpoint).ok_or(FileFlaw::NotALine)?;
            return Ok(check.checkpoint(&checkpoint)?);
        }
        let (position, hash, canonical) = read_event(&members).ok_or(FileFlaw::NotALine)?;
        let canonical = Some(canonical.as_bytes());
        Ok(check.link(CheckedLink { position, hash, event: None, canonical, is_authentic: None })?)
    }

    /// What was in order; `None` if there was nothing.
    pub fn finish(self) -> Option<Verified> {
        self.check.map(ChainCheck::finish)
    }
}

fn read_start(start: &Value) -> Option<ChainStart> {
    let position = start.get("position")?.as_i64().filter(|position| *position >= 0)?;
    let hash = digest(start.get("hash")?)?;
    let checkpoints: Vec<i64> =
        start.get("checkpoints")?.as_array()?.iter().map(Value::as_i64).collect::<Option<_>>()?;
    // What claims to stand before could otherwise stand for a checkpoint that was taken out behind it.
    let is_before = checkpoints.iter().all(|checkpoint| (1..=position).contains(checkpoint));
    (is_before && checkpoints.is_sorted() && checkpoints.len() <= REMEMBERED).then_some(ChainStart {
        position,
        hash,
        checkpoints,
    })
}

fn read_event(members: &Map<String, Value>) -> Option<(i64, Digest, &str)> {
    Some((members.get("position")?.as_i64()?, digest(members.get("hash")?)?, members.get("canonical")?.as_str()?))
}

fn read_checkpoint(checkpoint: &Value) -> Option<Checkpoint> {
    let text = |name| checkpoint.get(name)?.as_str();
    Some(Checkpoint {
        position: checkpoint.get("position")?.as_i64()?,
        hash: digest(checkpoint.get("hash")?)?,
        recorded_at: DateTime::parse_from_rfc3339(text("recorded_at")?).ok()?.with_timezone(&Utc),
        key_id: text("key_id")?.to_owned(),
        signature: signature(text("signature")?)?,
    })
}

fn digest(hex: &Value) -> Option<Digest> {
    Digest::from_hex(hex.as_str()?)
}

fn signature(hex: &str) -> Option<[u8; 64]> {
    let (one, other) = hex.split_at_checked(64)?;
    let mut bytes = [0; 64];
    let (left, right) = bytes.split_at_mut(32);
    left.copy_from_slice(Digest::from_hex(one)?.bytes());
    right.copy_from_slice(Digest::from_hex(other)?.bytes());
    Some(bytes)
}
