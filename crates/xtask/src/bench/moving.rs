//! Many users at once: imported, exported, and their trail verified, beside the databases' own ways.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::clients::{Numbers, run as numbers_of};
use super::process::{Failure, Finished, say, succeed, watch};
use super::report::median;
use super::targets::{Database, open_product};
use super::{Bench, Binaries, Scenario};

/// What moving the users of one database came to.
#[derive(Debug)]
pub(crate) struct Measured {
    database: &'static str,
    users: u32,
    import: Finished,
    /// Of an import of a tenth of the users.
    tenth: Finished,
    /// Seconds of the database's own bulk load; where it was asked for.
    load: Option<f64>,
    /// Seconds of an export, and of a dump; where they were asked for.
    export: Option<[f64; 2]>,
    /// How long verifying took, where it was asked for.
    verify: Option<Finished>,
}

/// How often an export and a dump are made, by turns.
const EXPORTS: usize = 3;

/// On SQLite and on MariaDB, one after the other.
pub(crate) fn measure(
    binaries: &Binaries,
    server: &str,
    bench: &Bench,
    scratch: &Path,
) -> Result<Vec<Measured>, Failure> {
    let users = bench.imported_users;
    let files = [("all.csv", users), ("tenth.csv", users / 10)].map(|(name, count)| (scratch.join(name), count));
    for (file, count) in &files {
        write_users(file, *count)?;
    }
    let [(all, _), (tenth, _)] = &files;
    let on = |database: &'static str, urls: [&str; 3]| {
        Place { binaries, scratch, database, urls }.measure(bench, all, tenth)
    };
    let urls = ["a", "b", "c"].map(|name| format!("sqlite://{}?mode=rwc", scratch.join(name).display()));
    let [a, b, c] = &urls;
    let sqlite = on("SQLite", [a, b, c])?;
    let databases = [(); 3].map(|()| Database::create(binaries, server));
    let [a, b, c] = databases;
    let (a, b, c) = (a?, b?, c?);
    let mariadb = on("MariaDB", [&a.url, &b.url, &c.url])?;
    Ok(vec![sqlite, mariadb])
}

/// Where something is measured: the first database for all, the second for the bulk load, the third for a tenth.
struct Place<'a> {
    binaries: &'a Binaries,
    scratch: &'a Path,
    database: &'static str,
    urls: [&'a str; 3],
}

impl Place<'_> {
    fn measure(&self, bench: &Bench, all: &Path, tenth: &Path) -> Result<Measured, Failure> {
        let [product, copy, small] = self.urls;
        for url in self.urls {
            succeed(
                open_product(&self.binaries.product, self.scratch, url).args(["migrate", "up"]).stdout(Stdio::null()),
            )?;
        }
        let is_wanted = |scenario| bench.scenarios.contains(&scenario);
        let tenth = self.import(small, tenth)?;
        let import = self.import(product, all)?;
        let load = is_wanted(Scenario::Import).then(|| self.load(product, copy)).transpose()?;
        let export = is_wanted(Scenario::Export).then(|| self.export(product)).transpose()?;
        let verify = is_wanted(Scenario::Verify).then(|| self.product(product, &["audit", "verify"])).transpose()?;
        Ok(Measured { database: self.database, users: bench.imported_users, import, tenth, load, export, verify })
    }

    fn import(&self, url: &str, file: &Path) -> Result<Finished, Failure> {
        self.product(url, &["users", "import", &file.to_string_lossy()])
    }

    fn load(&self, from: &str, to: &str) -> Result<f64, Failure> {
        say(&format!("{}: its own bulk load of the same rows", self.database));
        let directory = self.scratch.join("rows");
        std::fs::create_dir_all(&directory)?;
        // The server may be another user's.
        open_to_all(&[self.scratch, &directory])?;
        Ok(self.bulk(to, &["load", "--from", from, "--directory", &directory.to_string_lossy()])?.get("seconds"))
    }

    fn export(&self, url: &str) -> Result<[f64; 2], Failure> {
        let files = ["exported.csv", "dumped.csv"].map(|name| self.scratch.join(name).to_string_lossy().into_owned());
        let [exported, dumped] = &files;
        let (mut exports, mut dumps) = (Vec::new(), Vec::new());
        for _ in 0..EXPORTS {
            let export = self.product(url, &["users", "export", "--format", "csv", "--output", exported])?;
            exports.push(export.seconds);
            dumps.push(self.bulk(url, &["dump", "--file", dumped])?.get("seconds"));
        }
        Ok([median(&exports), median(&dumps)])
    }

    fn product(&self, url: &str, arguments: &[&str]) -> Result<Finished, Failure> {
        say(&format!("{}: usermgmt {}", self.database, arguments.join(" ")));
        watch(open_product(&self.binaries.product, self.scratch, url).args(arguments).stdout(Stdio::null()))
    }

    fn bulk(&self, url: &str, arguments: &[&str]) -> Result<Numbers, Failure> {
        let mut command = std::process::Command::new(&self.binaries.bulk);
        numbers_of(command.args(["--database-url", url]).args(arguments))
    }
}

fn open_to_all(directories: &[&Path]) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    directories.iter().try_for_each(|path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)))
}

/// Users with hashes, each with a salt of their own.
pub(crate) fn write_users(file: &PathBuf, users: u32) -> Result<(), Failure> {
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "username,email,password_hash,full_name,created_at")?;
    for number in 0..users {
        writeln!(
            out,
            "person{number},person{number}@example.com,$2b$12${number:0>21}uTlVsOuVp3UoiKhKt2Ah6n3bVbZjv5Jq,\
             Person Number {number},2024-05-06T07:08:09Z"
        )?;
    }
    Ok(out.flush()?)
}

/// The table.
pub(crate) fn markdown(measured: &[Measured]) -> String {
    let mut text =
        "| moving users with hashes | | seconds | per second | MiB at most |\n|---|---|---:|---:|---:|\n".to_owned();
    for Measured { database, users, import, tenth, load, export, verify } in measured {
        let mut line = |what: &str, count: u32, seconds: f64, memory: Option<f64>| {
            let memory = memory.map(|mib| format!("{mib:.1}")).unwrap_or_default();
            let rate = f64::from(count) / seconds;
            let _ = writeln!(text, "| {database}, {count} | {what} | {seconds:.1} | {rate:.0} | {memory} |");
        };
        line("import", users / 10, tenth.seconds, Some(tenth.memory));
        line("import", *users, import.seconds, Some(import.memory));
        if let Some(load) = load {
            line("its own bulk load", *users, *load, None);
        }
        if let Some([export, dump]) = export {
            line("export as CSV", *users, *export, None);
            line("plain `SELECT` to a file", *users, *dump, None);
        }
        if let Some(verify) = verify {
            line("`audit verify`, events", *users, verify.seconds, Some(verify.memory));
        }
        if let Some(load) = load {
            let _ = writeln!(
                text,
                "| {database} | **ratio** of import to bulk load | | **{:.2}** | |",
                load / import.seconds
            );
        }
        if let Some([export, dump]) = export {
            let _ =
                writeln!(text, "| {database} | **ratio** of export to dump, in time | **{:.2}** | | |", export / dump);
        }
    }
    text
}
