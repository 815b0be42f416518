//! The documents that people read, and whether what they point at is there.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Top-level directories: a word that begins with one of them is a path.
const DIRECTORIES: &[&str] =
    &[".ci/", ".github/", "benches/", "crates/", "docker/", "docs/", "k8s/", "migration/", "scripts/"];

/// Where a path stands for many: an adapter that the reader writes, a migration of some day.
const PLACEHOLDERS: &[&str] = &["infra-mine", "YYYY"];

/// A Markdown document of the repository.
#[derive(Debug)]
pub struct Document {
    /// Where it lies, from the workspace's root.
    pub path: PathBuf,
    /// What stands in it.
    pub text: String,
}

/// Every document at the root and under `docs/`.
///
/// # Errors
///
/// Whatever reading them met.
pub fn documents(root: &Path) -> io::Result<Vec<Document>> {
    let mut found = Vec::new();
    let mut directories = vec![PathBuf::new(), PathBuf::from("docs")];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(root.join(&directory))? {
            let entry = entry?;
            let path = directory.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                if directory.starts_with("docs") {
                    directories.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(Document { text: fs::read_to_string(entry.path())?, path });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// What the document says that is not so: paths and links that lead nowhere, snippets and tests that do not stand in their
/// file.
pub fn untrue(root: &Path, document: &Document) -> Vec<String> {
    let missing =
        paths(&document.text).filter(|path| !root.join(path).exists()).map(|path| format!("no such path: {path}"));
    let dead = links(&document.text).filter_map(|link| dead(root, document, link).map(|why| format!("{why}: {link}")));
    let snippets = snippets(&document.text).into_iter().filter_map(|snippet| snippet.difference(root));
    let tests = tests(&document.text)
        .filter(|(path, name)| !has_function(&root.join(path), name))
        .map(|(path, name)| format!("no such test in {path}: {name}"));
    missing
        .chain(dead)
        .chain(snippets)
        .chain(tests)
        .map(|what| format!("{}: {what}", document.path.display()))
        .collect()
}

/// Every word that names something below a top-level directory.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-./…*{}<>$".contains(c);
    text.split(move |c| !is_part(c))
        .map(|word| word.strip_prefix("./").unwrap_or(word).trim_end_matches('.'))
        .filter(|word| DIRECTORIES.iter().any(|directory| word.starts_with(directory)))
        .filter(|word| {
            !word.contains(['…', '*', '{', '<', '$']) && !PLACEHOLDERS.iter().any(|name| word.contains(name))
        })
}

/// The targets of all links within the repository.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:") && !target.contains(' '))
}

fn dead(root: &Path, document: &Document, link: &str) -> Option<&'static str> {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let file = root.join(document.path.parent()?).join(path);
    if !path.is_empty() && !file.exists() {
        return Some("a link to nothing");
    }
    let text = if path.is_empty() { document.text.clone() } else { fs::read_to_string(file).unwrap_or_default() };
    let is_there = anchor.is_empty() || headings(&text).any(|heading| heading == anchor);
    (!is_there).then_some("a link to no heading")
}

/// The anchors that GitHub makes of the headings.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

/// Every test that is claimed to stand in a file: both in code spans, the file before it in the same line. Tests are
/// sentences, so they are told by their underscores.
fn tests(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().flat_map(|line| {
        let mut file = None;
        // What stands between backticks is every other part.
        line.split('`').skip(1).step_by(2).filter_map(move |span| {
            let is_rust = Path::new(span).extension().is_some_and(|extension| extension == "rs");
            if is_rust && DIRECTORIES.iter().any(|directory| span.starts_with(directory)) {
                file = Some(span);
                return None;
            }
            let is_name = span.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            let is_sentence = is_name && span.matches('_').count() >= 2;
            is_sentence.then_some((file?, span))
        })
    })
}

fn has_function(path: &Path, name: &str) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.contains(&format!("fn {name}(")))
}

/// Rust code that claims, in its first line, to stand in a file.
struct Snippet<'t> {
    path: &'t str,
    lines: Vec<&'t str>,
}

fn snippets(text: &str) -> Vec<Snippet<'_>> {
    let blocks = text.split("\n```rust\n").skip(1).filter_map(|rest| rest.split_once("\n```").map(|(block, _)| block));
    blocks
        .filter_map(|block| {
            let (first, rest) = block.split_once('\n')?;
            let lines = rest.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains('…')).collect();
            Some(Snippet { path: first.strip_prefix("// ")?, lines })
        })
        .collect()
}

impl Snippet<'_> {
    /// The first line that does not stand in the file, in this order.
    fn difference(&self, root: &Path) -> Option<String> {
        let Ok(text) = fs::read_to_string(root.join(self.path)) else {
            return Some(format!("a snippet of no file: {}", self.path));
        };
        let mut lines = text.lines().map(str::trim);
        let strange = self.lines.iter().find(|wanted| !lines.any(|line| line == **wanted))?;
        Some(format!("a snippet that is not in {}: {strange}", self.path))
    }
}
