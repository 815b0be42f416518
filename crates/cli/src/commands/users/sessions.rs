//! `usermgmt users sessions` and `revoke-sessions`.

use domain::query::DeletedScope;

use super::Desk;
use super::refusal::not_managed;
use super::show::{NOTHING, time};
use crate::arguments::{OneUser, UserName};
use crate::commands::{Failure, print, remark};
use crate::table::Table;
use crate::terminal::visible_json;

impl Desk {
    pub(super) async fn sessions(&self, name: &UserName, as_json: bool) -> Result<(), Failure> {
        let user = self.find(name, DeletedScope::Live).await?;
        let listed = self.authentication.list_sessions(&self.context, user.uuid.into()).await;
        let listed = listed.map_err(|error| not_managed(&error, &user))?;
        if as_json {
            return print(&(visible_json(api_actix::sessions_json(&listed)) + "\n"));
        }
        let mut table = Table::new(["ID", "CREATED", "LAST USED", "EXPIRES", "ADDRESS", "USER AGENT"]);
        print(&table.lines(listed.iter().map(|listed| {
            let session = listed.session.record();
            vec![
                session.id.to_string(),
                time(Some(session.created_at)),
                time(Some(session.last_used_at)),
                time(Some(session.expires_at)),
                session.ip.map_or_else(|| NOTHING.to_owned(), |ip| ip.to_string()),
                session.user_agent.as_deref().unwrap_or(NOTHING).to_owned(),
            ]
        })))?;
        remark(&match listed.len() {
            1 => "1 session".to_owned(),
            sessions => format!("{sessions} sessions"),
        });
        Ok(())
    }

    pub(super) async fn revoke_sessions(&self, one: &OneUser) -> Result<(), Failure> {
        let user = self.find(&one.user, DeletedScope::Live).await?;
        let revoked = self.authentication.revoke_sessions(&self.context, user.uuid.into()).await;
        revoked.map_err(|error| not_managed(&error, &user))?;
        self.tell(one.json, &user, "signed out everywhere")
    }
}
