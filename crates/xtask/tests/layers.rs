//! The layers of `docs/SYSTEM_ARCHITECTURE.md`, kept by the machine.

use std::process::Command;

use cargo_metadata::MetadataCommand;
use xtask::layers::{Graph, forbidden_in_domain, violations, workspace_graph};

fn metadata() -> cargo_metadata::Metadata {
    // From the root, since within a member the default is that member.
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    MetadataCommand::new().current_dir(root).no_deps().exec().expect("cargo reads its own workspace")
}

#[test]
fn no_crate_reaches_over_its_layer() {
    let graph = workspace_graph(&metadata());
    assert!(graph.contains_key("domain") && graph.contains_key("cli"), "read the wrong workspace: {:?}", graph.keys());
    assert_eq!(violations(&graph), [] as [&str; 0]);
}

/// What `cargo metadata` says would be wrong here: it unifies the features that all crates together ask for.
#[test]
fn the_domain_needs_no_runtime_no_format_no_database_no_clock() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", "domain", "--edges", "normal", "--prefix", "none"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let listed = String::from_utf8(tree.stdout).expect("names are text");
    assert!(listed.starts_with("domain "), "cargo tree said: {}", String::from_utf8_lossy(&tree.stderr));
    assert_eq!(forbidden_in_domain(&listed).into_iter().collect::<Vec<_>>(), [] as [&str; 0]);
}

#[test]
fn cargo_run_starts_the_product() {
    let metadata = metadata();
    let default = metadata.workspace_default_packages();
    let binaries: Vec<&str> = default
        .iter()
        .flat_map(|package| &package.targets)
        .filter(|target| target.is_bin())
        .map(|target| target.name.as_str())
        .collect();
    assert_eq!(binaries, ["usermgmt"]);
}

fn workspace(edges: &[(&str, &str)]) -> Graph {
    let mut graph = Graph::new();
    for (from, to) in edges {
        graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
    }
    graph
}

#[test]
fn the_intended_edges_are_allowed() {
    let graph = workspace(&[
        ("application", "domain"),
        ("api-actix", "application"),
        ("api-actix", "domain"),
        ("infra-seaorm", "domain"),
        ("infra-seaorm", "migration"),
        ("infra-mysql", "infra-seaorm"),
        ("infra-sqlite", "infra-seaorm"),
        ("infra-postgres", "infra-seaorm"),
        ("testkit", "domain"),
        ("storage-contract", "testkit"),
        ("cli", "infra-mysql"),
        ("cli", "settings"),
        ("cli", "api-actix"),
        ("xtask", "api-actix"),
        ("xtask", "settings"),
    ]);
    assert_eq!(violations(&graph), [] as [&str; 0]);
}

#[test]
fn each_wrong_edge_is_found() {
    let wrong = [
        ("domain", "testkit"),
        ("domain", "application"),
        ("application", "infra-memory"),
        ("application", "api-actix"),
        ("application", "settings"),
        ("api-actix", "infra-mysql"),
        ("api-actix", "settings"),
        ("api-actix", "testkit"),
        ("api-graphql", "infra-memory"),
        ("infra-mysql", "infra-sqlite"),
        ("infra-memory", "infra-seaorm"),
        ("infra-crypto", "infra-seaorm"),
        ("infra-seaorm", "infra-mysql"),
        ("infra-seaorm", "application"),
        ("infra-mysql", "api-actix"),
        ("infra-sqlite", "settings"),
        ("infra-memory", "testkit"),
        ("storage-contract", "infra-memory"),
        ("testkit", "application"),
        ("migration", "domain"),
        ("settings", "domain"),
        ("benches", "domain"),
        ("xtask", "infra-memory"),
        ("application", "cli"),
        ("cli", "xtask"),
        ("cli", "storage-contract"),
    ];
    for edge in wrong {
        assert_eq!(violations(&workspace(&[edge])).len(), 1, "{} → {} passes", edge.0, edge.1);
    }
}

#[test]
fn a_dependency_of_a_dependency_counts_against_the_domain() {
    let tree = "domain v0.1.0 (/somewhere)\nchrono v0.4.45\niana-time-zone v0.1.60\ntokio-util v0.7.0 (*)\nserde v1.0.0\nuuid v1.0.0\n";
    assert_eq!(forbidden_in_domain(tree).into_iter().collect::<Vec<_>>(), ["iana-time-zone", "serde", "tokio-util"]);
}
