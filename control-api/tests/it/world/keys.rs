//! The same platform with other master keys or another file store: another process, restarted with them.

use std::time::Duration;

use control_api::{
    App,
    app::{Keys, Outside, Parts, Rules},
    attempts::Attempts,
    billing::Payments,
    deletion,
    figures::Figures,
    keys,
    sso::{Providers, Reach},
};
use shared::{
    auth::{jwt::Tokens, password::Passwords},
    broker::Broker,
    cache::Cache,
    changes::Changes,
    mail::Mailer,
    page::Cursors,
    seal::Keyring,
    storage::Storage,
    tenancy::Tenants,
};
use uuid::Uuid;

use super::{ALLOWANCE, SECRET, World, nowhere};

impl World {
    /// A process of the same platform that has this ring.
    pub fn restarted(&self, ring: Keyring) -> App {
        self.process(ring, self.app.outside.storage.clone(), self.app.rules)
    }

    /// A process of the same platform that gives up every step after so long.
    pub fn hurried(&self, longest_step: Duration) -> App {
        let app = &self.app;
        self.process(app.keys.ring.clone(), app.outside.storage.clone(), Rules { longest_step, ..app.rules })
    }

    /// A process of the same platform that does not reach the file store.
    pub fn without_store(&self) -> App {
        self.process(self.app.keys.ring.clone(), Storage::new(&nowhere()), self.app.rules)
    }

    fn process(&self, ring: Keyring, storage: Storage, rules: Rules) -> App {
        let app = &self.app;
        let (cache, clock) = (Cache::none().expect("none"), app.clock.clone());
        let tenants = Tenants::new(app.db.pool().clone(), cache.clone(), ring.clone(), Changes::new().0, clock.clone(), ALLOWANCE);
        App::of(Parts {
            site: app.site.clone(),
            db: app.db.clone(),
            clock,
            keys: Keys {
                tokens: Tokens::new("k1", &SECRET.into(), None),
                records: deletion::signer(&ring),
                ring,
                cursors: Cursors::new(&SECRET.into()),
            },
            passwords: Passwords::new(2).expect("argon2 works"),
            attempts: Attempts::new(&SECRET.into()),
            outside: Outside {
                cache,
                broker: Broker::Memory(Default::default()),
                mailer: Mailer::Memory(Default::default()),
                storage,
                tools: app.outside.tools.clone(),
                tenants,
                payments: Payments::None,
                providers: Providers::new(Reach::Trial).expect("an HTTP client"),
            },
            rules,
            figures: Figures::new().expect("figures"),
            failures: app.failures.clone(),
            news: app.news.clone(),
        })
    }

    /// What a value says that was sealed for `owner`.
    pub async fn opened(&self, tenant: Option<Uuid>, sealed: &[u8], owner: &str) -> Vec<u8> {
        let mut db = self.app.db.read().await.expect("a connection");
        keys::open(&mut db, &self.app.keys.ring, tenant, sealed, owner).await.expect("sealed for them")
    }
}
