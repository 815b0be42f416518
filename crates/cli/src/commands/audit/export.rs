//! `usermgmt audit export`: the trail as a file.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use application::RequestContext;
use application::audit::{ChainExport, Trail};

use super::range;
use crate::arguments::ExportArguments;
use crate::commands::{Failure, print_while_read};
use crate::progress::Progress;

pub(super) async fn run(trail: &Trail, arguments: ExportArguments) -> Result<(), Failure> {
    let ExportArguments { format, range: positions, output } = arguments;
    let export = trail.export(&RequestContext::system(), range(positions)?, format.into()).await;
    let mut export = export.map_err(|error| Failure::because("the trail could not be exported", &error))?;
    match output {
        Some(path) => to_file(&mut export, &path).await,
        None => to_standard_output(&mut export).await,
    }
}

async fn to_standard_output(export: &mut ChainExport) -> Result<(), Failure> {
    while let Some(part) = part(export).await? {
        if !print_while_read(&part)? {
            break;
        }
    }
    Ok(())
}

/// A file that was there is written over.
async fn to_file(export: &mut ChainExport, path: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::because(&format!("{} cannot be written", path.display()), &error);
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    let total = export.left();
    let progress = Progress::begin("exporting", total);
    while let Some(part) = part(export).await? {
        file.write_all(part.as_bytes()).map_err(failed)?;
        progress.show(total.saturating_sub(export.left()), total);
    }
    let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)
}

async fn part(export: &mut ChainExport) -> Result<Option<String>, Failure> {
    export.part().await.map_err(|error| Failure::because("the export broke off", &error))
}
