//! The layer rules: who may depend on whom, and what the domain must never know.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata};

/// Which crates of the workspace each of them needs (normal and build dependencies; tests may use what they like).
pub type Graph = BTreeMap<String, BTreeSet<String>>;

/// What would bring a runtime, a format, a database, a log, a clock or randomness into the domain.
const FORBIDDEN_IN_DOMAIN: &[&str] = &[
    "actix-*",
    "async-std",
    "fastrand",
    "getrandom",
    "http",
    "hyper",
    "iana-time-zone", // chrono's clock
    "log",
    "mio",
    "rand",
    "reqwest",
    "sea-*",
    "serde",
    "serde_*",
    "sqlx*",
    "time",
    "tokio*",
    "tracing*",
];

/// The crates of the workspace and the edges between them.
pub fn workspace_graph(metadata: &Metadata) -> Graph {
    let members: BTreeSet<&str> = metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    let needs = |package: &cargo_metadata::Package| {
        package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind != DependencyKind::Development)
            .map(|dependency| dependency.name.clone())
            .filter(|name| members.contains(name.as_str()))
            .collect()
    };
    metadata.workspace_packages().iter().map(|package| (package.name.to_string(), needs(package))).collect()
}

/// Every edge that breaks a rule, as a sentence; none for a sound workspace.
pub fn violations(graph: &Graph) -> Vec<String> {
    let edges = graph.iter().flat_map(|(from, needs)| needs.iter().map(move |to| (from.as_str(), to.as_str())));
    edges.filter_map(|(from, to)| reason_against(from, to).map(|why| format!("{from} → {to}: {why}"))).collect()
}

fn reason_against(from: &str, to: &str) -> Option<&'static str> {
    let is_driver = |name| matches!(name, "infra-mysql" | "infra-sqlite" | "infra-postgres");
    let is_surface = |name: &str| name.starts_with("api-") || name == "web-admin";
    let is_adapter = |name: &str| name.starts_with("infra-");
    let is_for_tests = |name: &str| matches!(name, "testkit" | "storage-contract");
    match (from, to) {
        (_, "cli" | "xtask" | "benches") => Some("binaries are nobody's dependency"),
        ("domain", _) => Some("the domain knows nobody"),
        ("application", to) if to != "domain" => Some("use cases know the domain alone"),
        ("user-files", to) if to != "domain" => Some("files of users know what a user is, and nothing else"),
        ("testkit", to) if to != "domain" => Some("the testkit builds on the domain alone"),
        ("storage-contract", to) if !matches!(to, "domain" | "testkit") => {
            Some("the promises are those of the ports, not of an adapter")
        }
        ("migration", _) => Some("the schema does not change because code does"),
        ("settings", _) => Some("settings are plain values, which the composition root hands on"),
        ("benches", _) => Some("the bare handlers share nothing with the product"),
        (from, "infra-seaorm") if is_driver(from) => None,
        (from, to) if is_adapter(from) && is_adapter(to) => Some("adapters do not know one another"),
        (from, to) if is_adapter(from) && (is_surface(to) || matches!(to, "application" | "settings")) => {
            Some("an adapter knows the ports and nothing above them")
        }
        (from, to) if is_adapter(to) && from != "cli" => Some("only the composition root chooses adapters"),
        (from, "settings") if !matches!(from, "cli" | "xtask") => Some("only the composition root reads settings"),
        (from, to) if is_for_tests(to) && !is_for_tests(from) => Some("it is for tests"),
        _ => None,
    }
}

/// The crates of `tree` (as `cargo tree --prefix none` prints it) that the domain must not need, not even indirectly.
pub fn forbidden_in_domain(tree: &str) -> BTreeSet<String> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let forbidden = |name: &&str| {
        FORBIDDEN_IN_DOMAIN.iter().any(|rule| match rule.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == rule,
        })
    };
    names.filter(forbidden).map(str::to_owned).collect()
}
