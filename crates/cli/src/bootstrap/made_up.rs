//! Passwords that nobody chose.

use domain::ports::SecretGenerator;
use domain::values::PasswordText;

/// 24 characters of 57 are some 140 bits.
const LENGTH: usize = 24;

/// What is taken for another letter when it is typed from a screen, and what a double click does not mark.
const AMBIGUOUS: &[char] = &['0', 'O', '1', 'l', 'I', '-', '_'];

/// Names may be in nearly every text, such as `a` of `a@example.com`.
const ATTEMPTS: u32 = 1_000;

/// A random password of letters and digits, as long as it has to be, in which none of these names stands.
pub(super) fn password(secrets: &dyn SecretGenerator, min_length: usize, names: &[&str]) -> PasswordText {
    let length = LENGTH.max(min_length);
    let names: Vec<_> = names.iter().map(|name| name.split('@').next().unwrap_or_default().to_lowercase()).collect();
    let mut text = letters(secrets, length);
    for _ in 0..ATTEMPTS {
        let lower = text.to_lowercase();
        if !names.iter().any(|name| lower.contains(name.as_str())) {
            break;
        }
        text = letters(secrets, length);
    }
    PasswordText::from(text)
}

/// So many random letters and digits.
fn letters(secrets: &dyn SecretGenerator, length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        // Each of a token's characters but the last is evenly random; that one has four bits.
        let token = secrets.token();
        let mut characters = token.expose().chars();
        characters.next_back();
        text.extend(characters.filter(|c| !AMBIGUOUS.contains(c)));
    }
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use infra_crypto::{EncryptionKey, HmacSecretGenerator};

    use super::*;

    fn secrets() -> HmacSecretGenerator {
        HmacSecretGenerator::new(&EncryptionKey::new([1; 32]))
    }

    #[test]
    fn a_password_is_long_easy_to_copy_and_another_each_time() {
        let passwords: HashSet<_> = (0..200).map(|_| password(&secrets(), 8, &["admin"]).expose().to_owned()).collect();
        assert_eq!(passwords.len(), 200);
        for password in passwords {
            assert_eq!(password.len(), LENGTH);
            assert!(password.chars().all(|c| c.is_ascii_alphanumeric() && !AMBIGUOUS.contains(&c)), "{password}");
        }
    }

    #[test]
    fn a_password_is_as_long_as_the_policy_wants_it() {
        assert_eq!(password(&secrets(), 100, &[]).expose().len(), 100);
    }

    #[test]
    fn no_name_stands_in_a_password() {
        for _ in 0..200 {
            let password = password(&secrets(), 8, &["x", "B@example.com"]);
            assert!(!password.expose().contains(['x', 'X', 'b', 'B']), "{}", password.expose());
        }
    }
}
