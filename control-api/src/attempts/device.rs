//! A browser that somebody came in with before: it shows a cookie that names the browser and carries a
//! mark for each person. The cookie opens nothing; it only keeps strangers from locking its owner out.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::auth::marks::Marks;
use uuid::Uuid;

use crate::app::App;

const YEAR: i64 = 365 * 24 * 3600;
/// People who share one browser; the newest are kept.
const PEOPLE: usize = 8;
const PURPOSE: &str = "device";

/// What a browser shows of itself.
#[derive(Debug, Clone, Default)]
pub struct Device(Option<Shown>);

#[derive(Debug, Clone)]
struct Shown {
    id: Uuid,
    marks: Vec<Vec<u8>>,
}

impl FromRequestParts<App> for Device {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let jar = CookieJar::from_headers(&parts.headers);
        Ok(Self(jar.get(name_and_path(app).0).and_then(|cookie| parse(cookie.value()))))
    }
}

impl Device {
    /// Its id, if this person has come in with it.
    pub fn of(&self, marks: &Marks, user: i64) -> Option<Uuid> {
        let shown = self.0.as_ref()?;
        let text = text(shown.id, user);
        shown.marks.iter().any(|mark| marks.is(PURPOSE, &text, mark)).then_some(shown.id)
    }

    /// The cookie for a browser that this person has just come in with.
    pub fn cookie(&self, app: &App, user: i64) -> String {
        let marks = &app.attempts.marks;
        let id = self.0.as_ref().map_or_else(Uuid::new_v4, |shown| shown.id);
        let own = marks.of(PURPOSE, &text(id, user));
        let others = self.0.iter().flat_map(|shown| shown.marks.iter()).filter(|mark| **mark != own).cloned();
        let kept: Vec<Vec<u8>> = std::iter::once(own.clone()).chain(others).take(PEOPLE).collect();
        let value = std::iter::once(id.simple().to_string()).chain(kept.iter().map(|mark| URL_SAFE_NO_PAD.encode(mark)));
        let (name, path) = name_and_path(app);
        let mut cookie = Cookie::new(name, value.collect::<Vec<_>>().join("."));
        cookie.set_http_only(true);
        cookie.set_same_site(SameSite::Strict);
        cookie.set_path(path);
        cookie.set_secure(app.site.public_scheme == "https");
        format!("{cookie}; Max-Age={YEAR}")
    }
}

fn text(id: Uuid, user: i64) -> String {
    format!("{id} {user}")
}

fn parse(value: &str) -> Option<Shown> {
    let (id, marks) = value.split_once('.')?;
    let marks: Option<Vec<Vec<u8>>> = marks.split('.').take(PEOPLE).map(|mark| URL_SAFE_NO_PAD.decode(mark).ok()).collect();
    Some(Shown { id: Uuid::try_parse(id).ok()?, marks: marks? })
}

fn name_and_path(app: &App) -> (&'static str, &'static str) {
    if app.site.public_scheme == "https" { ("__Host-hd_device", "/") } else { ("hd_device", "/api/v1/auth") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_knows_whom_it_has_a_mark_of_and_nobody_else() {
        let marks = Marks::derived(&"secret".into());
        let id = Uuid::from_u128(7);
        let mark = |user: i64| URL_SAFE_NO_PAD.encode(marks.of(PURPOSE, &text(id, user)));
        let device = |value: String| Device(parse(&value));
        let both = device(format!("{}.{}.{}", id.simple(), mark(1), mark(2)));
        assert_eq!((both.of(&marks, 1), both.of(&marks, 2), both.of(&marks, 3)), (Some(id), Some(id), None));
        let moved = device(format!("{}.{}", Uuid::from_u128(8).simple(), mark(1)));
        assert_eq!(moved.of(&marks, 1), None, "a mark belongs to one browser");
        for nothing in ["", ".", "x.y", &id.simple().to_string(), &format!("{}.%%%", id.simple())] {
            assert_eq!(device(nothing.to_owned()).of(&marks, 1), None, "{nothing}");
        }
    }
}
