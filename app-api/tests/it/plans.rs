//! Each list query of the API has an index that serves it (T-1): on 100 000 tickets no plan scans
//! the table from end to end.

use sqlx::{AssertSqlSafe, PgPool, Row};

use crate::world::TestApp;

const FILL: &str = "
    insert into support_tickets (ticket_number, user_id, subject, description, description_html, priority, status, assigned_to, order_id, created_at, updated_at)
    select 'TKT-' || n, (select min(id) from users) + n % 200, 'Subject ' || n, 'x', 'x',
        (array['low', 'medium', 'high', 'urgent'])[1 + n % 4],
        (array['open', 'in_progress', 'waiting_customer', 'resolved', 'closed', 'closed', 'closed', 'closed'])[1 + n % 8],
        case when n % 8 = 0 then null else (select min(id) from users) + n % 20 end,
        case when n % 10 = 0 then 'A-' || n end,
        now() - n * interval '1 minute', now() - n * interval '1 minute'
    from generate_series(1, 100000) n";

#[tokio::test]
async fn no_list_scans_the_whole_table() {
    let app = TestApp::start().await;
    let db = &app.acme.db;
    let people = "insert into users (id, email, firstname, lastname, role, version) select 1000 + n, n || '@acme.test', 'n', 'n', case when n < 20 then 'agent' else 'customer' end, 1 from generate_series(0, 219) n";
    for sql in [people, FILL, "analyze"] {
        sqlx::query(sql).execute(db).await.expect(sql);
    }
    let order = "order by t.created_at desc, t.id desc limit 51";
    let mine = "(t.assigned_to = $1 or t.assigned_to is null)";
    for (name, condition, order, types, values) in [
        ("all, newest", "true".to_owned(), order, "", ""),
        ("all, oldest", "true".to_owned(), "order by t.created_at asc, t.id asc limit 51", "", ""),
        ("all, touched", "true".to_owned(), "order by t.updated_at desc, t.id desc limit 51", "", ""),
        ("next page", "(t.created_at, t.id) < ($1, 0)".to_owned(), order, "timestamptz", "now() - interval '30 days'"),
        ("by status", "t.status = $1".to_owned(), order, "text", "'open'"),
        ("by statuses", "t.status = any($1)".to_owned(), order, "text[]", "array['open', 'in_progress']"),
        ("by status and priority", "t.status = $1 and t.priority = $2".to_owned(), order, "text, text", "'open', 'urgent'"),
        ("assigned", "t.assigned_to = $1".to_owned(), order, "bigint", "1003"),
        ("assigned and status", "t.assigned_to = $1 and t.status = $2".to_owned(), order, "bigint, text", "1003, 'in_progress'"),
        ("queue", "t.assigned_to is null".to_owned(), order, "", ""),
        ("what an agent sees", mine.to_owned(), order, "bigint", "1003"),
        ("what an agent sees, open", format!("{mine} and t.status = $2"), order, "bigint, text", "1003, 'open'"),
        ("a customer's", "t.user_id = $1".to_owned(), order, "bigint", "1100"),
        ("by order", "t.order_id = $1".to_owned(), order, "text", "'A-10'"),
        ("by id", "t.id = $1".to_owned(), "", "bigint", "500"),
        ("by number", "t.ticket_number = $1".to_owned(), "", "text", "'TKT-500'"),
    ] {
        let from = "from support_tickets t join users r on r.id = t.user_id left join users a on a.id = t.assigned_to";
        let query = format!("select t.* {from} where {condition} {order}");
        // The service's connections plan once for all values; both plans must be good.
        for mode in ["force_custom_plan", "force_generic_plan"] {
            let plan = plan(db, mode, &query, types, values).await;
            assert!(!plan.contains("Seq Scan on support_tickets"), "{name}, {mode}:\n{plan}");
        }
    }
}

async fn plan(db: &PgPool, mode: &str, query: &str, types: &str, values: &str) -> String {
    let mut db = db.acquire().await.expect("a connection");
    let (types, values) = if types.is_empty() { (String::new(), String::new()) } else { (format!("({types})"), format!("({values})")) };
    for sql in [format!("set plan_cache_mode = {mode}"), "deallocate all".into(), format!("prepare p{types} as {query}")] {
        sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut *db).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
    let rows = sqlx::raw_sql(AssertSqlSafe(format!("explain execute p{values}"))).fetch_all(&mut *db).await.expect("a plan");
    rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n")
}
