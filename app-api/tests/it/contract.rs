//! The tables of T-1, as everything outside relies on them: names, types, defaults, what is refused, and the indexes that
//! were there from day one.

use sqlx::{AssertSqlSafe, Row};

use crate::world::{TestApp, TestTenant};

/// The columns of the contract, each with its type, and with a question mark where it may be empty.
const COLUMNS: [(&str, &[&str]); 3] = [
    (
        "support_tickets",
        &[
            "id bigint",
            "ticket_number text",
            "user_id bigint",
            "subject text",
            "description text",
            "priority text",
            "status text",
            "category text?",
            "assigned_to bigint?",
            "order_id text?",
            "tags text[]",
            "custom_fields jsonb",
            "metadata jsonb",
            "team_id bigint?",
            "channel text",
            "version bigint",
            "resolved_at timestamp with time zone?",
            "closed_at timestamp with time zone?",
            "created_at timestamp with time zone",
            "updated_at timestamp with time zone",
        ],
    ),
    (
        "ticket_messages",
        &[
            "id bigint",
            "ticket_id bigint",
            "sender_id bigint?",
            "sender_type text",
            "message text",
            "is_internal boolean",
            "read_at timestamp with time zone?",
            "created_at timestamp with time zone",
            "updated_at timestamp with time zone",
        ],
    ),
    ("users", &["id bigint", "email text", "firstname text", "lastname text", "locale text", "role text", "vip boolean"]),
];

/// Of each table an index whose definition holds these words.
const INDEXES: [(&str, &[&str]); 12] = [
    ("support_tickets", &["unique", "(ticket_number)"]),
    ("support_tickets", &["(user_id"]),
    ("support_tickets", &["(status, priority, created_at desc)"]),
    ("support_tickets", &["(assigned_to, status", "where (assigned_to is not null)"]),
    ("support_tickets", &["(order_id)"]),
    ("support_tickets", &["using gin (metadata)"]),
    ("support_tickets", &["(sla_next_at)", "where (sla_next_at is not null)"]),
    ("support_tickets", &["(status, status_since)", "where (status = any"]),
    ("ticket_messages", &["(ticket_id, created_at)"]),
    ("ticket_messages", &["(sender_id)"]),
    ("ticket_history", &["(ticket_id, id)"]),
    ("search_entries", &["using gin (vector)"]),
];

/// A person, and the least of a ticket and of a message.
const LEAST: &str = "
    insert into users (id, email, firstname, lastname, role, version) values (1, 'c@acme.test', 'c', 'c', 'customer', 1);
    insert into support_tickets (ticket_number, user_id, subject, description, description_html, created_at, updated_at)
        values ('TKT-A', 1, 'x', 'x', 'x', now(), now());
    insert into ticket_messages (ticket_id, sender_id, sender_type, message, message_html, created_at, updated_at)
        select id, 1, 'customer', 'x', 'x', now(), now() from support_tickets";

async fn texts(tenant: &TestTenant, sql: &'static str, table: &str) -> Vec<String> {
    sqlx::query_scalar(sql).bind(table).fetch_all(&tenant.db).await.expect(sql)
}

#[tokio::test]
async fn the_tables_have_the_columns_and_indexes_of_the_contract() {
    let app = TestApp::start().await;
    let columns = "select attname || ' ' || format_type(atttypid, atttypmod) || case when attnotnull then '' else '?' end
        from pg_attribute where attrelid = $1::text::regclass and attnum > 0 and not attisdropped";
    for (table, expected) in COLUMNS {
        let found = texts(&app.acme, columns, table).await;
        let missing: Vec<_> = expected.iter().filter(|column| !found.iter().any(|one| one == *column)).collect();
        assert!(missing.is_empty(), "{table} lacks {missing:?}, it has {found:#?}");
    }
    for (table, words) in INDEXES {
        let found = texts(&app.acme, "select lower(indexdef) from pg_indexes where tablename = $1", table).await;
        assert!(found.iter().any(|index| words.iter().all(|word| index.contains(word))), "{table} {words:?}: {found:#?}");
    }
    let given = "select attname::text from pg_attribute where attrelid = $1::text::regclass and attidentity = 'a'";
    for table in ["support_tickets", "ticket_messages"] {
        assert_eq!(texts(&app.acme, given, table).await, ["id"], "{table}: nobody chooses an id");
    }
    app.drain().await;
}

#[tokio::test]
async fn what_is_not_said_has_its_default_and_what_is_no_word_of_the_contract_is_refused() {
    let app = TestApp::start().await;
    let db = &app.acme.db;
    sqlx::raw_sql(LEAST).execute(db).await.expect(LEAST);
    let row = sqlx::query(
        "select priority, status, metadata::text, is_internal, t.version from support_tickets t join ticket_messages m on m.ticket_id = t.id",
    );
    let row = row.fetch_one(db).await.expect("a ticket and its message");
    let (words, internal): ([String; 3], bool) = ([row.get(0), row.get(1), row.get(2)], row.get(3));
    assert_eq!((words, internal, row.get::<i64, _>(4)), (["medium", "open", "{}"].map(str::to_owned), false, 1));
    for change in [
        "update support_tickets set priority = 'mega'",
        "update support_tickets set status = 'new'",
        "update support_tickets set subject = ''",
        "update support_tickets set subject = repeat('x', 256)",
        "update support_tickets set status = 'in_progress'",
        "update support_tickets set assigned_to = 424242",
        "update support_tickets set user_id = 424242",
        "update support_tickets set id = 7",
        "update ticket_messages set sender_type = 'robot'",
        "update ticket_messages set sender_id = null",
        "update users set role = 'owner'",
        "insert into support_tickets (ticket_number, user_id, subject, description, description_html, created_at, updated_at)
         select ticket_number, user_id, 'x', 'x', 'x', now(), now() from support_tickets",
    ] {
        let refused = sqlx::query(AssertSqlSafe(change.to_owned())).execute(db).await.expect_err(change);
        assert!(refused.as_database_error().is_some(), "{change}: {refused}");
    }
    sqlx::query("update support_tickets set subject = repeat('x', 255)").execute(db).await.expect("as long as may be");
    sqlx::query("update ticket_messages set sender_type = 'system', sender_id = null").execute(db).await.expect("the system's");
    sqlx::query("delete from support_tickets").execute(db).await.expect("gone");
    assert_eq!(app.acme.count("select count(*) from ticket_messages").await, 0, "messages go with their ticket");
    app.drain().await;
}
