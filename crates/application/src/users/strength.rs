//! Passwords that are guessed too easily.

use domain::ports::HashPasswordError;
use domain::values::PlainPassword;
use domain::violation::Violation;

use super::Users;

impl Users {
    /// What is wrong with a new password of somebody of this name and address, where the operator has set a score.
    ///
    /// # Errors
    ///
    /// What the port [`PasswordStrength`](domain::ports::PasswordStrength) reports.
    pub(crate) async fn weakness(
        &self,
        password: &PlainPassword,
        username: &str,
        email: &str,
    ) -> Result<Option<Violation>, HashPasswordError> {
        let minimum = self.policy.min_password_score;
        if minimum == 0 {
            return Ok(None);
        }
        if let Some(found) = self.contains_name(password, username, email) {
            return Ok(Some(found));
        }
        let local_part = local_part(email);
        let about = [username, local_part, email].into_iter().filter(|text| !text.is_empty());
        let found = self.ports.strength.assess(password.clone(), about.map(ToOwned::to_owned).collect()).await?;
        Ok((found.score < minimum).then(|| {
            let advice = if found.advice.is_empty() {
                "Use several uncommon words, or let a password manager make one.".to_owned()
            } else {
                found.advice.join(" ")
            };
            Violation::new("too_weak", format!("This password is guessed too easily. {advice}"))
        }))
    }

    /// Whether a new password is made of what everybody knows of the person, where the operator has set a score.
    pub(crate) fn contains_name(&self, password: &PlainPassword, username: &str, email: &str) -> Option<Violation> {
        let lower = password.expose_normalized().to_lowercase();
        let is_in = |name: &str| !name.is_empty() && lower.contains(&name.to_lowercase());
        let is_found = self.policy.min_password_score > 0 && (is_in(username) || is_in(local_part(email)));
        let advice = "Choose a password that contains neither the username nor the email address";
        is_found.then(|| Violation::new("contains_name", advice))
    }
}

fn local_part(email: &str) -> &str {
    email.split('@').next().unwrap_or_default()
}
