//! The books, compared with themselves.

use shared::Result;
use sqlx::PgConnection;

use super::Trouble;

/// Accounts that are not the sum of their entries.
pub async fn wrong_accounts(db: &mut PgConnection) -> Result<Vec<Trouble>> {
    let wrong = sqlx::query_as!(
        Trouble,
        r#"select t.slug as of, format('the balance is %s, its %s entries come to %s', a.balance, e.count, e.sum) as "what!"
        from credit_accounts a
        join tenants t on t.id = a.tenant_id
        cross join lateral (
            select count(*), coalesce(sum(amount), 0) as sum, coalesce(max(number), 0) as last
            from credit_entries
            where tenant_id = a.tenant_id
        ) e
        where a.balance <> e.sum or a.entries <> e.count or e.last <> e.count
        order by t.slug
        limit 1000"#,
    );
    Ok(wrong.fetch_all(db).await?)
}

/// Entries whose balance is not that of the entry before and their own amount.
pub async fn wrong_entries(db: &mut PgConnection) -> Result<Vec<Trouble>> {
    let wrong = sqlx::query_as!(
        Trouble,
        r#"select t.slug as of, format('entry %s leaves %s, it should be %s', e.number, e.balance, e.sum) as "what!"
        from (
            select tenant_id, number, balance, sum(amount) over (partition by tenant_id order by number) as sum
            from credit_entries
        ) e
        join tenants t on t.id = e.tenant_id
        where e.balance <> e.sum
        order by t.slug, e.number
        limit 1000"#,
    );
    Ok(wrong.fetch_all(db).await?)
}

/// Invoices that are not the sum of their lines, or say something else of credits than the ledger.
pub async fn wrong_invoices(db: &mut PgConnection) -> Result<Vec<Trouble>> {
    let wrong = sqlx::query_as!(
        Trouble,
        r#"select t.slug as of,
            format('invoice %s is of %s and took %s credits, its lines come to %s and the ledger says %s',
                i.number, i.subtotal, i.credits, l.sum, s.sum) as "what!"
        from invoices i
        join tenants t on t.id = i.tenant_id
        cross join lateral (select coalesce(sum(amount), 0) as sum from invoice_lines where invoice_id = i.id) l
        cross join lateral (
            select coalesce(-sum(amount), 0) as sum
            from credit_entries
            where tenant_id = i.tenant_id and reference = 'invoice:' || i.id
        ) s
        where i.state <> 'draft' and (i.subtotal <> l.sum or i.credits <> s.sum)
        order by t.slug, i.id
        limit 1000"#,
    );
    Ok(wrong.fetch_all(db).await?)
}

/// Years in which a number is missing.
pub async fn wrong_numbers(db: &mut PgConnection) -> Result<Vec<Trouble>> {
    let wrong = sqlx::query_as!(
        Trouble,
        r#"select n.year::text as "of!", format('%s invoices were numbered, %s are there', n.last, i.count) as "what!"
        from invoice_numbers n
        cross join lateral (select count(*) from invoices where starts_with(number, n.year || '-')) i
        where n.last <> i.count
        order by n.year
        limit 1000"#,
    );
    Ok(wrong.fetch_all(db).await?)
}

/// What came for invoices that are not owed, and was not given back.
pub async fn unexpected(db: &mut PgConnection) -> Result<Vec<Trouble>> {
    let open = sqlx::query_as!(
        Trouble,
        r#"select t.slug as of,
            format('invoice %s (%s) is %s, and payment %s of %s %s came for it', i.number, i.id, i.state, u.payment, u.amount, u.currency)
                as "what!"
        from unexpected_payments u
        join invoices i on i.id = u.invoice_id
        join tenants t on t.id = i.tenant_id
        where u.returned_at is null
        order by u.came_at
        limit 1000"#,
    );
    Ok(open.fetch_all(db).await?)
}
