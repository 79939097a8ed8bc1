//! The tables `backups` and `backup_drills`, and what of `tenants` and `jobs` decides whose turn it is.

mod drills;
mod late;
mod places;

use chrono::{DateTime, Utc};
pub use drills::{count_drills, drill, drills, insert_drill, last_drill};
pub use late::{count_served, without};
pub use places::{Live, live, now, place_at, swap, there};
use shared::{Result, page::Part, select_part};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    model::Backup,
    retention::Passing,
    take::{Made, Taken},
};

/// Every read of a backup uses this one select list.
macro_rules! select_backup {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Backup,
            r#"select b.id, b.tenant_id, t.slug as "tenant?", b.taken_at, b.made_at, b.schema_version, b.tables, b.row_count, b.dump_bytes,
                b.files, b.file_bytes, b.is_kept, b.folder, b.manifest_hash, b.sealed_key
            from backups b
            left join tenants t on t.id = b.tenant_id
            where b.deleting_at is null and "# + $first $(+ $rest)*
            $(, $arg)*
        )
    };
}

/// A complete backup.
pub struct New<'a> {
    pub id: Uuid,
    pub tenant: Option<Uuid>,
    pub taken: &'a Taken,
    pub made: &'a Made,
    pub is_kept: bool,
}

pub async fn insert(db: &mut PgConnection, new: &New<'_>, now: DateTime<Utc>) -> Result<()> {
    let New { id, tenant, taken, made, is_kept } = new;
    sqlx::query!(
        "insert into backups (id, tenant_id, folder, taken_at, made_at, schema_version, tables, row_count, dump_bytes, files, file_bytes,
            manifest_hash, sealed_key, key_id, is_kept)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        id,
        *tenant,
        taken.folder,
        taken.taken_at,
        now,
        taken.schema,
        taken.tables.len() as i32,
        taken.tables.iter().map(|table| table.rows).sum::<i64>(),
        taken.bytes.cast_signed(),
        made.files,
        made.file_bytes,
        made.manifest_hash,
        taken.sealed_key,
        taken.key_id,
        is_kept,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn by_id(db: &mut PgConnection, id: Uuid) -> Result<Option<Backup>> {
    Ok(select_backup!("b.id = $1", id).fetch_optional(db).await?)
}

/// The newest backup of a tenant, or of the control database, but for those that a moment has become: a drill's go with it.
pub async fn newest(db: &mut PgConnection, tenant: Option<Uuid>) -> Result<Option<Backup>> {
    let newest = select_backup!(
        "b.tenant_id is not distinct from $1
            and not exists (select from jobs j where j.id = b.id and j.kind in ('restore', 'drill'))
        order by b.taken_at desc, b.id desc
        limit 1",
        tenant,
    );
    Ok(newest.fetch_optional(db).await?)
}

/// Backups of a tenant that are nearest to a moment, on each side one of a night and one that another moment has become, which
/// hides no night's: first those that are not later, the nearest first.
pub async fn around(db: &mut PgConnection, tenant: Uuid, at: DateTime<Utc>) -> Result<Vec<Backup>> {
    let around = select_backup!(
        "b.id in (
            select n.id
            from (
                select o.id, row_number() over (
                    partition by o.taken_at > $2, exists (select from jobs j where j.id = o.id and j.kind in ('restore', 'drill'))
                    order by abs(extract(epoch from o.taken_at - $2)), o.id desc
                ) as nth
                from backups o
                where o.tenant_id = $1 and o.deleting_at is null
            ) n
            where n.nth = 1
        )
        order by b.taken_at > $2, abs(extract(epoch from b.taken_at - $2)), b.id desc",
        tenant,
        at,
    );
    Ok(around.fetch_all(db).await?)
}

pub async fn list(db: &mut PgConnection, tenant: Option<&str>, part: &Part<'_, Uuid>) -> Result<Vec<Backup>> {
    Ok(select_part!(part, db, select_backup!("($3::text is null or t.slug = $3)", "b.id", tenant))?)
}

pub async fn count(db: &mut PgConnection, tenant: Option<&str>) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!"
         from backups b
         left join tenants t on t.id = b.tenant_id
         where b.deleting_at is null and ($1::text is null or t.slug = $1)"#,
        tenant,
    );
    Ok(count.fetch_one(db).await?)
}

/// The hundred newest, for the command line.
pub async fn hundred(db: &mut PgConnection, tenant: Option<&str>) -> Result<Vec<Backup>> {
    Ok(select_backup!("($1::text is null or t.slug = $1) order by b.id desc limit 100", tenant).fetch_all(db).await?)
}

/// Those that come and go by themselves, of the next `owners` behind one, by owner and the newest first.
pub async fn passing(db: &mut PgConnection, after: Option<Uuid>, owners: i64) -> Result<Vec<Passing>> {
    let passing = sqlx::query_as!(
        Passing,
        r#"with passing as (
            select id, coalesce(tenant_id, '00000000-0000-0000-0000-000000000000') as owner, taken_at, made_at
            from backups
            where deleting_at is null and not is_kept
         )
         select p.id as "id!", p.owner as "owner!", p.taken_at as "taken_at!", p.made_at as "made_at!",
            exists (select from jobs j where j.id = p.id and j.kind in ('restore', 'drill')) as "is_moments!"
         from passing p
         where p.owner in (select distinct owner from passing where $1::uuid is null or owner > $1 order by owner limit $2)
         order by p.owner, p.taken_at desc, p.id desc"#,
        after,
        owners,
    );
    Ok(passing.fetch_all(db).await?)
}

/// Those of tenants of which only the name is left.
pub async fn orphaned(db: &mut PgConnection, limit: i64) -> Result<Vec<Backup>> {
    Ok(select_backup!("t.status = 'deleted' order by b.id limit $1", limit).fetch_all(db).await?)
}

/// Keeps a backup from being taken away until the transaction ends, after which the job stands in the books that reads it.
pub async fn hold(db: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!("select id from backups where id = $1 for share", id).fetch_optional(db).await?;
    Ok(())
}

/// A backup that is there and that no open job reads, locked: whoever plans to read it waits.
pub async fn unread(db: &mut PgConnection, id: Uuid) -> Result<Option<Backup>> {
    sqlx::query!("select id from backups where id = $1 for update", id).fetch_optional(&mut *db).await?;
    let unread = select_backup!(
        "b.id = $1 and not exists (
            select from jobs j where j.finished_at is null and (j.id = b.id or j.state -> 'source' ->> 'id' = b.id::text)
        )",
        id,
    );
    Ok(unread.fetch_optional(db).await?)
}

/// Says that a backup is none any more; false when it was none already.
pub async fn mark(db: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let marked = sqlx::query!("update backups set deleting_at = $2 where id = $1 and deleting_at is null", id, now);
    Ok(marked.execute(db).await?.rows_affected() == 1)
}

/// Folders of backups that are none any more, by their ids.
pub async fn marked(db: &mut PgConnection, limit: i64) -> Result<Vec<(Uuid, String)>> {
    let marked = sqlx::query!("select id, folder from backups where deleting_at is not null order by deleting_at limit $1", limit);
    Ok(marked.fetch_all(db).await?.into_iter().map(|row| (row.id, row.folder)).collect())
}

/// A tenant's backups, those too that are none any more and have their objects still.
pub async fn ids(db: &mut PgConnection, tenant: Uuid) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!("select id from backups where tenant_id = $1 order by id limit 100000", tenant).fetch_all(db).await?)
}

pub async fn forget(db: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!("delete from backups where id = $1 and deleting_at is not null", id).execute(db).await?;
    Ok(())
}

/// Somebody whose backup may be due; no tenant: the control database.
pub struct Due {
    pub tenant_id: Option<Uuid>,
    pub cluster_id: Option<i64>,
    pub since: DateTime<Utc>,
    pub failed: Option<DateTime<Utc>>,
    pub open: i64,
}

/// Lets one planner follow another, until its transaction ends; false while another plans.
pub async fn lock_plans(db: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock(hashtext('nightly backups')) as "mine!""#).fetch_one(db).await?)
}

/// Served tenants for whom no backup is under way, with the moment of their newest one, or of their beginning,
/// when the last one failed, if that was after `failed_after`, and how many backups are under way on their server; the control
/// database too. Who has waited longest since either comes first: whose backup fails again and again keeps nobody waiting, nor
/// does one that has failed and whose objects are still there.
pub async fn due(db: &mut PgConnection, failed_after: DateTime<Utc>) -> Result<Vec<Due>> {
    let due = sqlx::query_as!(
        Due,
        r#"with open as (
            select j.tenant_id, t.cluster_id, j.step
            from jobs j
            left join tenants t on t.id = j.tenant_id
            where j.kind = 'backup' and j.finished_at is null
         ),
         failed as (
            select tenant_id, max(finished_at) as at
            from jobs
            where finished_at > $1 and kind = 'backup' and outcome = 'failed'
            group by tenant_id
         ),
         due as (
         select t.id as tenant_id, t.cluster_id,
            coalesce((
                select b.taken_at
                from backups b
                where b.tenant_id = t.id and b.deleting_at is null
                    and not exists (select from jobs j where j.id = b.id and j.kind in ('restore', 'drill'))
                order by b.taken_at desc
                limit 1
            ), t.created_at) as since,
            (select count(*) from open o where o.cluster_id = t.cluster_id and o.step <> 'clear') as open
         from tenants t
         where t.status in ('active', 'suspended') and not exists (select from open o where o.tenant_id = t.id)
         union all
         select null, null, coalesce((select max(taken_at) from backups where tenant_id is null and deleting_at is null), to_timestamp(0)), 0
         where not exists (select from open where tenant_id is null)
         )
         select d.tenant_id as "tenant_id?", d.cluster_id as "cluster_id?", d.since as "since!", f.at as "failed?", d.open as "open!"
         from due d
         left join failed f on f.tenant_id is not distinct from d.tenant_id
         order by greatest(d.since, f.at)"#,
        failed_after,
    );
    Ok(due.fetch_all(db).await?)
}

/// The newest backup of each served tenant that has any, as [`due`] takes it, the oldest first.
pub async fn newest_of_each(db: &mut PgConnection, tenant: Option<&str>, limit: i64) -> Result<Vec<Backup>> {
    let newest = select_backup!(
        "b.id in (
            select (
                select n.id
                from backups n
                where n.tenant_id = s.id and n.deleting_at is null
                    and not exists (select from jobs j where j.id = n.id and j.kind in ('restore', 'drill'))
                order by n.taken_at desc, n.id desc
                limit 1
            )
            from tenants s
            where s.status in ('active', 'suspended') and ($1::text is null or s.slug = $1)
        )
        order by b.taken_at, b.id
        limit $2",
        tenant,
        limit,
    );
    Ok(newest.fetch_all(db).await?)
}

/// A tenant with a backup and no drill under way, by chance; none where there is none.
pub async fn anybody(db: &mut PgConnection) -> Result<Option<Uuid>> {
    let anybody = sqlx::query_scalar!(
        "select t.id
         from tenants t
         where t.status in ('active', 'suspended')
            and exists (select from backups b where b.tenant_id = t.id and b.deleting_at is null)
            and not exists (select from jobs where kind = 'drill' and finished_at is null)
         order by random()
         limit 1",
    );
    Ok(anybody.fetch_optional(db).await?)
}

/// How many seconds the last restore took that came to its end.
pub async fn last_restore(db: &mut PgConnection) -> Result<Option<i64>> {
    let seconds = sqlx::query_scalar!(
        r#"select extract(epoch from finished_at - created_at)::bigint as "seconds!"
         from jobs
         where kind = 'restore' and outcome = 'done'
         order by id desc
         limit 1"#,
    );
    Ok(seconds.fetch_optional(db).await?)
}

/// What operators are told in figures. What a moment has become, for a restore or a drill, says nothing of the nights.
pub struct Standing {
    /// Of all served tenants, the moment of the newest backup of the one whose is the oldest; a tenant
    /// without any counts from its beginning.
    pub oldest: Option<DateTime<Utc>>,
    /// When a backup was last complete.
    pub success: Option<DateTime<Utc>>,
    /// The newest one of the control database.
    pub control: Option<DateTime<Utc>>,
    /// Tenants whose newest dump is a fifth shorter than the one before it.
    pub shrunk: i64,
}

pub async fn standing(db: &mut PgConnection) -> Result<Standing> {
    let standing = sqlx::query_as!(
        Standing,
        r#"with nightly as (
            select b.tenant_id, b.taken_at, b.made_at, b.dump_bytes, b.deleting_at
            from backups b
            where not exists (select from jobs j where j.id = b.id and j.kind in ('restore', 'drill'))
         ),
         newest as (
            select t.id, coalesce(max(b.taken_at), t.created_at) as taken_at
            from tenants t
            left join nightly b on b.tenant_id = t.id and b.deleting_at is null
            where t.status in ('active', 'suspended')
            group by t.id
         ),
         sizes as (
            select dump_bytes, lag(dump_bytes) over of_one as before, row_number() over (partition by tenant_id order by taken_at desc) as nth
            from nightly
            where deleting_at is null
            window of_one as (partition by tenant_id order by taken_at)
         )
         select
            (select min(taken_at) from newest) as oldest,
            (select max(made_at) from nightly) as success,
            (select max(taken_at) from backups where tenant_id is null and deleting_at is null) as control,
            (select count(*) from sizes where nth = 1 and dump_bytes < before * 0.8) as "shrunk!""#,
    );
    Ok(standing.fetch_one(db).await?)
}

/// Backups of the control database whose keys another master key has sealed.
pub async fn under_others(db: &mut PgConnection, master: &str) -> Result<Vec<(Uuid, String, Vec<u8>)>> {
    let others =
        sqlx::query!("select id, folder, sealed_key from backups where tenant_id is null and key_id <> $1 order by id limit 10000", master);
    Ok(others.fetch_all(db).await?.into_iter().map(|row| (row.id, row.folder, row.sealed_key)).collect())
}

pub async fn put_key(db: &mut PgConnection, id: Uuid, sealed: &crate::keys::Sealed) -> Result<()> {
    sqlx::query!("update backups set sealed_key = $2, key_id = $3 where id = $1", id, sealed.bytes, sealed.key_id).execute(db).await?;
    Ok(())
}

/// Makes backups of a tenant unreadable whose keys are not under its data key.
pub async fn shred(db: &mut PgConnection, tenant: Uuid) -> Result<()> {
    sqlx::query!("update backups set sealed_key = '' where tenant_id = $1 and key_id not like 'data:%'", tenant).execute(db).await?;
    Ok(())
}
