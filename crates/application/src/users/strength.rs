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
        let local_part = email.split('@').next().unwrap_or_default();
        let lower = password.expose_normalized().to_lowercase();
        let is_in = |name: &str| !name.is_empty() && lower.contains(&name.to_lowercase());
        if is_in(username) || is_in(local_part) {
            let advice = "Choose a password that contains neither the username nor the email address";
            return Ok(Some(Violation::new("contains_name", advice)));
        }
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
}
