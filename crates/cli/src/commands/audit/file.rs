//! `usermgmt audit verify --file`: an exported trail and public keys, without a database or any setting.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, stdin};
use std::path::Path;
use std::sync::Arc;

use application::audit::{FileCheck, FileFlaw, SignatureCheck};
use infra_crypto::AuditPublicKey;

use super::verify::{failure, tell};
use crate::commands::Failure;
use crate::progress::Progress;

/// No line of an exported trail is longer.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;

/// Between two looks at the progress, in lines.
const PACE: u64 = 4_096;

pub(super) fn verify(path: &Path, keys: &[String]) -> Result<(), Failure> {
    let keys = keys.iter().map(|key| {
        AuditPublicKey::parse(key).map_err(|error| Failure::because(&format!("--public-key {key}"), &error))
    });
    let keys: Vec<_> = keys.collect::<Result<_, _>>()?;
    let unreadable = |error| Failure::because(&format!("{} cannot be read", path.display()), &error);
    if path == Path::new("-") {
        return check(path, stdin().lock(), 0, keys);
    }
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    check(path, BufReader::with_capacity(1 << 20, file), length, keys)
}

fn check(path: &Path, mut file: impl BufRead, length: u64, keys: Vec<AuditPublicKey>) -> Result<(), Failure> {
    let is_signed: SignatureCheck = Arc::new(move |key_id, message, signature| {
        keys.iter().any(|key| key.id() == key_id && key.is_signed(message, signature))
    });
    let mut check = FileCheck::new(is_signed);
    let progress = Progress::begin("verifying", length);
    let (mut line, mut number, mut read) = (Vec::new(), 0_u64, 0_u64);
    loop {
        line.clear();
        let taken = file.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
        let taken = taken.map_err(|error| Failure::because(&format!("{} cannot be read", path.display()), &error))?;
        if taken == 0 {
            break;
        }
        (number, read) = (number + 1, read + taken as u64);
        if number.is_multiple_of(PACE) {
            progress.show(read, length.max(read));
        }
        check.line(&line).map_err(|flaw| match flaw {
            FileFlaw::NotALine => Failure::new(format!("line {number} is none of an exported trail")),
            FileFlaw::Wrong(wrong) => Failure::new(format!("line {number}: {}", failure(&wrong))),
        })?;
    }
    drop(progress);
    let verified = check.finish().filter(|verified| verified.events() > 0);
    let verified = verified.ok_or_else(|| Failure::new("the file holds no events"))?;
    let signed_to = verified.signed_to.unwrap_or(verified.first - 1);
    if signed_to < verified.last {
        let from = signed_to + 1;
        return Err(Failure::new(format!(
            "nobody has signed position {from} and what follows, so anybody may have written it"
        )));
    }
    tell(&verified)
}
