//! Signatures that anybody can make.

use domain::ports::AuditSigner;
use domain::values::Digest;

use crate::hex::hex;
use crate::mixing::mixed;

/// Signs with a name: whoever knows the name makes the same signature. For tests only.
#[derive(Debug, Clone)]
pub struct PlainSigner {
    name: &'static str,
    known: Vec<&'static str>,
}

impl PlainSigner {
    /// Signs with this name.
    pub const fn named(name: &'static str) -> Self {
        Self { name, known: Vec::new() }
    }

    /// The same, knowing the signatures and codes of another name too, as those of an earlier key.
    #[must_use]
    pub fn knowing(mut self, name: &'static str) -> Self {
        self.known.push(name);
        self
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.known.iter().copied().chain([self.name])
    }
}

impl Default for PlainSigner {
    fn default() -> Self {
        Self::named("auditor")
    }
}

impl AuditSigner for PlainSigner {
    fn authenticate(&self, canonical: &[u8]) -> Digest {
        code(self.name, canonical)
    }

    fn is_authentic(&self, canonical: &[u8], shown: &Digest) -> bool {
        self.names().any(|name| code(name, canonical) == *shown)
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        signature(self.name, message)
    }

    fn is_signed(&self, key_id: &str, message: &[u8], signed: &[u8; 64]) -> bool {
        self.names().any(|name| id_of(name) == key_id && signature(name, message) == *signed)
    }

    fn key_id(&self) -> String {
        id_of(self.name)
    }

    fn public_key(&self) -> [u8; 32] {
        public_key(self.name)
    }
}

fn code(name: &str, canonical: &[u8]) -> Digest {
    Digest::new(mixed(&[b"code", name.as_bytes(), canonical]))
}

fn signature(name: &str, message: &[u8]) -> [u8; 64] {
    let mut signature = [0; 64];
    let (one, other) = signature.split_at_mut(32);
    one.copy_from_slice(&mixed(&[b"one", name.as_bytes(), message]));
    other.copy_from_slice(&mixed(&[b"other", name.as_bytes(), message]));
    signature
}

fn public_key(name: &str) -> [u8; 32] {
    mixed(&[b"public key", name.as_bytes()])
}

fn id_of(name: &str) -> String {
    hex(&public_key(name)).chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_known_by_its_name_and_message() {
        let ann = PlainSigner::named("ann");
        let signature = ann.sign(b"message");
        assert!(ann.is_signed(&ann.key_id(), b"message", &signature));
        assert!(!ann.is_signed(&ann.key_id(), b"another", &signature));
        assert!(!ann.is_signed("another", b"message", &signature));
    }

    #[test]
    fn others_are_known_where_it_was_said() {
        let (ann, bob) = (PlainSigner::named("ann"), PlainSigner::named("bob"));
        let signature = ann.sign(b"message");
        assert!(!bob.is_signed(&ann.key_id(), b"message", &signature));
        assert!(bob.clone().knowing("ann").is_signed(&ann.key_id(), b"message", &signature));
        assert!(!bob.clone().knowing("ann").is_signed(&bob.key_id(), b"message", &signature));

        let code = ann.authenticate(b"event");
        assert!(ann.is_authentic(b"event", &code) && !ann.is_authentic(b"another", &code));
        assert!(!bob.is_authentic(b"event", &code));
        assert!(bob.knowing("ann").is_authentic(b"event", &code));
    }
}
