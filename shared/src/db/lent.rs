//! Connections, as those see them who open what is sealed.

use sqlx::PgConnection;

use super::Connection;
use crate::{Error, Result, act::Act, seal::FieldsKey};

/// A connection of ours, by itself or in an act, with the key of what is sealed in its database.
pub trait Lent: Send {
    /// The connection.
    fn db(&mut self) -> &mut PgConnection;
    /// By what sensitive fields are sealed there; `503` as long as the tenant has got no such key.
    fn fields(&self) -> Result<&FieldsKey>;
}

impl Lent for Connection {
    fn db(&mut self) -> &mut PgConnection {
        self
    }

    fn fields(&self) -> Result<&FieldsKey> {
        self.fields_key().ok_or(Error::Unavailable("key of sensitive fields"))
    }
}

impl Lent for Act {
    fn db(&mut self) -> &mut PgConnection {
        Self::db(self)
    }

    fn fields(&self) -> Result<&FieldsKey> {
        self.connection().fields()
    }
}
