//! The promises of the ports, kept by maps in memory.

fn main() {}
