//! The servers of the stack.

use control_api::clusters::NewCluster;

/// The role that makes databases in the stack, or else the test server's own.
pub fn server() -> NewCluster {
    let url = std::env::var("PROVISIONER_DATABASE_URL").or_else(|_| std::env::var("TEST_DATABASE_ADMIN_URL"));
    NewCluster {
        name: "local".into(),
        admin_url: url.expect("TEST_DATABASE_ADMIN_URL: run the tests with scripts/test").into(),
        pooled: None,
        replica: None,
        is_closed: false,
    }
}

/// The second server of the stack. A test that needs it does not pass without.
pub fn second_server() -> NewCluster {
    let url = std::env::var("SECOND_PROVISIONER_DATABASE_URL").or_else(|_| std::env::var("TEST_SECOND_DATABASE_ADMIN_URL"));
    let url = url.expect("TEST_SECOND_DATABASE_ADMIN_URL: scripts/start --infra --clusters 2");
    NewCluster { name: "second".into(), admin_url: url.into(), ..server() }
}
