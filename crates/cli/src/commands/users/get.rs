//! `usermgmt users get`.

use domain::query::DeletedScope;

use super::Desk;
use crate::arguments::OneUser;
use crate::commands::{Failure, print};

impl Desk {
    pub(super) async fn get(&self, one: &OneUser, including_deleted: bool) -> Result<(), Failure> {
        let scope = if including_deleted { DeletedScope::All } else { DeletedScope::Live };
        let user = self.find(&one.user, scope).await?;
        if one.json { self.print_json(&user, including_deleted) } else { print(&self.card(&user)) }
    }
}
