//! What a world stands on besides its database: nothing, or the stack's own parts.

use control_api::backups::Beside;
use control_api::billing::Payments;
use secrecy::SecretString;
use shared::config::PartsConfig;
use uuid::Uuid;

use super::World;

/// Parts that do not answer: these tests show that the control plane works without them.
pub(super) fn nowhere() -> PartsConfig {
    PartsConfig {
        control_database_url: "postgres://127.0.0.1:1/x".into(),
        redis_url: "redis://127.0.0.1:1".into(),
        redis_prefix: "test".into(),
        amqp_url: "amqp://127.0.0.1:1".into(),
        s3_endpoint: "http://127.0.0.1:1".into(),
        s3_bucket: "sav".into(),
        s3_region: "us-east-1".into(),
        s3_access_key: "x".into(),
        s3_secret_key: "x".into(),
        smtp_url: "smtp://127.0.0.1:1".into(),
        mail_from: "Helpdeskly <no-reply@localhost>".into(),
    }
}

/// A folder of the test's own for side servers. Whoever needs it makes it, and puts the program there.
pub(super) fn beside(parts: &PartsConfig) -> Beside {
    let folder = std::env::temp_dir().join(format!("hd-{}", &Uuid::new_v4().simple().to_string()[..12]));
    Beside { program: folder.join("control-api"), folder, store: parts.into() }
}

fn told(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name}: run the tests with scripts/test"))
}

impl World {
    /// An empty platform that stands on the stack's own Redis and file store.
    pub async fn real() -> Self {
        Self::really_paying(Payments::None).await
    }

    /// The same with a bucket of its own: backups of the control database lie side by side in the common one.
    pub async fn in_bucket(bucket: &str) -> Self {
        Self::really(Payments::None, bucket.to_owned()).await
    }

    /// The same, whose tenants pay by this.
    pub async fn really_paying(payments: Payments) -> Self {
        Self::really(payments, told("S3_BUCKET")).await
    }

    async fn really(payments: Payments, s3_bucket: String) -> Self {
        let parts = PartsConfig {
            redis_url: told("REDIS_URL").into(),
            redis_prefix: Uuid::now_v7().to_string(),
            s3_endpoint: told("S3_ENDPOINT"),
            s3_bucket,
            s3_access_key: told("S3_ACCESS_KEY").into(),
            s3_secret_key: told("S3_SECRET_KEY").into(),
            ..nowhere()
        };
        let world = Self::on("http", &parts, payments).await;
        world.app.outside.storage.prepare().await.expect("a bucket");
        world
    }
}

/// A database of the test server, as its superuser reaches it.
pub fn url_of(database: &str) -> SecretString {
    let url = std::env::var("TEST_DATABASE_ADMIN_URL").expect("TEST_DATABASE_ADMIN_URL: run the tests with scripts/test");
    let mut url = url::Url::parse(&url).expect("a URL");
    url.set_path(database);
    url.to_string().into()
}
