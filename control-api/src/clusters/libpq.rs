//! A cluster's administrator as PostgreSQL's own programs are told of it: by environment, since everybody may
//! read command lines.

use secrecy::SecretString;
use shared::{Result, db::Db, seal::Keyring};
use url::Url;

/// Variables of an environment.
pub type Variables = Vec<(&'static str, SecretString)>;

/// How PostgreSQL's programs reach a cluster as its administrator.
pub async fn variables(db: &Db, ring: &Keyring, id: i64) -> Result<Variables> {
    of_url(&super::admin_url(db, ring, id).await?)
}

/// The same of a URL.
pub fn of_url(url: &str) -> Result<Variables> {
    let url = Url::parse(url).map_err(|_| anyhow::anyhow!("an administrator's URL is none"))?;
    let mut variables = vec![
        ("PGHOST", url.host_str().unwrap_or("127.0.0.1").trim_matches(['[', ']']).to_owned()),
        ("PGPORT", url.port().unwrap_or(5432).to_string()),
        ("PGUSER", decoded(url.username())),
        ("PGPASSWORD", decoded(url.password().unwrap_or_default())),
        ("PGDATABASE", decoded(url.path().trim_start_matches('/'))),
    ];
    for (name, value) in url.query_pairs() {
        match &*name {
            "sslmode" | "ssl-mode" => variables.push(("PGSSLMODE", value.into_owned())),
            "sslrootcert" | "ssl-root-cert" => variables.push(("PGSSLROOTCERT", value.into_owned())),
            _ => {}
        }
    }
    Ok(variables.into_iter().map(|(name, value)| (name, SecretString::from(value))).collect())
}

/// What stands behind the percent signs. In this part of a URL a plus is a plus.
fn decoded(text: &str) -> String {
    let form = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(form.as_bytes()).map(|(_, value)| value.into_owned()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::of_url;

    #[test]
    fn a_url_becomes_variables() {
        for (url, expected) in [
            ("postgres://p:x@127.0.0.1:6532/postgres", "127.0.0.1 6532 p x postgres"),
            ("postgres://p%40q:a%2Fb+c&d%25@db.example/", "db.example 5432 p@q a/b+c&d% "),
            ("postgresql://p:x@[::1]/d?sslmode=verify-full", "::1 5432 p x d verify-full"),
        ] {
            let values: Vec<String> = of_url(url).expect("a URL").iter().map(|(_, value)| value.expose_secret().to_owned()).collect();
            assert_eq!(values.join(" "), expected);
        }
        assert!(of_url("nonsense").is_err());
    }
}
