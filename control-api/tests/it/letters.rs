//! Links in the mails of the people of the small world.

use serde_json::json;

use crate::world::World;

impl World {
    /// Follows the newest link that was sent to the address.
    pub async fn verify(&self, email: &str) {
        let token = self.token_for(email).await;
        self.post("/api/v1/auth/email/verify").json(json!({ "token": token })).await.expect(204);
    }

    /// The tokens in the mails to the address, the oldest first.
    pub async fn tokens_for(&self, email: &str) -> Vec<String> {
        let mails = self.mails(email).await;
        let links = mails.iter().filter_map(|mail| mail.text.split_once("token="));
        links.map(|(_, rest)| rest.split_whitespace().next().expect("a token").to_owned()).collect()
    }

    /// The token in the newest mail with a link to the address.
    pub async fn token_for(&self, email: &str) -> String {
        self.tokens_for(email).await.pop().unwrap_or_else(|| panic!("no link for {email}"))
    }
}
