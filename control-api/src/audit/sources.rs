//! Both trails of one organisation, read as one.

use std::collections::{BTreeSet, HashMap};

use shared::{
    Error, Result,
    db::Db,
    page::Order,
    tenancy::{self, Slug},
};
use uuid::Uuid;

use super::{
    model::{Entry, Filter, MOST_COUNTED, Placed, Plane, Position, behind, merged},
    store::{self, Of},
};
use crate::{
    app::App,
    tenants::{Status, Tenant},
};

/// Where an organisation's rows are.
pub struct Sources {
    app: App,
    tenant: Uuid,
    /// None while it is being made.
    own: Option<Db>,
}

impl Sources {
    /// `503` when the tenant's database cannot be found now: a list without its rows would lie.
    pub async fn of(app: &App, tenant: &Tenant) -> Result<Self> {
        let own = found(app, tenant).await?.map(|own| own.db);
        Ok(Self { app: app.clone(), tenant: tenant.id, own })
    }

    /// The same for whoever reads a lot: the tenant's own rows from a standby, where there is one that keeps up.
    pub async fn for_export(app: &App, tenant: &Tenant) -> Result<Self> {
        let own = match found(app, tenant).await? {
            Some(own) => Some(own.reading().await?),
            None => None,
        };
        Ok(Self { app: app.clone(), tenant: tenant.id, own })
    }

    /// A page of both.
    pub async fn page(&self, filter: &Filter, at: (Order, Option<Position>), limit: i64) -> Result<Vec<Placed>> {
        let (control, own) = tokio::try_join!(self.control(filter, at, limit), self.own(filter, at, limit))?;
        Ok(merged(control, own, at.0, limit))
    }

    async fn control(&self, filter: &Filter, (order, after): (Order, Option<Position>), limit: i64) -> Result<Vec<Placed>> {
        let at = (order, after.map(|after| behind(after, Plane::Control)));
        let rows = store::page(&mut *self.app.db.read().await?, Of::Tenant(self.tenant), filter, at, limit).await?;
        Ok(rows.into_iter().map(|row| Placed(Plane::Control, row)).collect())
    }

    async fn own(&self, filter: &Filter, (order, after): (Order, Option<Position>), limit: i64) -> Result<Vec<Placed>> {
        let Some(own) = &self.own else { return Ok(Vec::new()) };
        let mut db = own.read().await?;
        let of = if own.lacks_months() { Of::OwnOld } else { Of::Own };
        let rows = store::page(&mut db, of, filter, (order, after.map(|after| behind(after, Plane::App))), limit).await?;
        Ok(rows.into_iter().map(|row| Placed(Plane::App, row)).collect())
    }

    /// How many rows both have, as far as to [`MOST_COUNTED`].
    pub async fn count(&self, filter: &Filter) -> Result<i64> {
        let control = async { store::count(&mut *self.app.db.read().await?, Of::Tenant(self.tenant), filter, MOST_COUNTED).await };
        let own = async {
            let Some(own) = &self.own else { return Ok(0) };
            store::count(&mut *own.read().await?, Of::Own, filter, MOST_COUNTED).await
        };
        let (control, own) = tokio::try_join!(control, own)?;
        Ok(MOST_COUNTED.min(control + own))
    }

    /// The rows with the names of those who acted.
    pub async fn named(&self, rows: Vec<Placed>) -> Result<Vec<Entry>> {
        let people: Vec<i64> = rows.iter().filter_map(Placed::person).collect::<BTreeSet<_>>().into_iter().collect();
        let names = match people.is_empty() {
            true => HashMap::new(),
            false => store::names(&mut *self.app.db.read().await?, self.tenant, &people).await?,
        };
        let shown = |row: Placed| {
            let name = row.person().and_then(|id| names.get(&id)).cloned();
            row.shown(name.as_deref())
        };
        Ok(rows.into_iter().map(shown).collect())
    }
}

async fn found(app: &App, tenant: &Tenant) -> Result<Option<tenancy::Tenant>> {
    match tenant.status {
        Status::Provisioning => Ok(None),
        _ => {
            let slug = Slug::parse(&tenant.slug).ok_or(Error::NotFound("tenant_not_found"))?;
            app.outside.tenants.get(&slug).await.map(Some)
        }
    }
}
