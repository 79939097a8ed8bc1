//! Sums, and the facts behind them.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use shared::{
    Error, Result,
    page::{Order, Part},
};
use sqlx::PgConnection;

use super::{
    super::{
        drill::{CountedTicket, Key, Narrowed, TicketCounted},
        fact::Kind,
        figures::Tally,
        period::Period,
        sums::Dimension,
    },
    counting::{Over, known},
};
use crate::{
    people::{PersonId, TeamId},
    tickets::{Party, Priority, Status},
};

/// What was counted, as a report needs it. All of it is of one moment.
#[derive(Default)]
pub struct Counted {
    /// Each day of the report and of the days before it.
    pub days: BTreeMap<NaiveDate, Tally>,
    /// Everything before those.
    pub before: Tally,
    /// What the report is divided by, if not by time.
    pub groups: BTreeMap<String, Tally>,
    /// How many of each length, or of so many points.
    pub values: BTreeMap<Kind, BTreeMap<i64, i64>>,
}

/// What was counted in a period, besides by each value of that dimension. `spread` asks for values, too.
pub async fn counted(db: &mut PgConnection, period: Period, by: Option<Dimension>, spread: bool) -> Result<Counted> {
    let wanted: Vec<String> =
        by.into_iter().chain(spread.then_some(Dimension::Value)).map(|dimension| dimension.as_str().to_owned()).collect();
    let rows = sqlx::query!(
        r#"select 'all' as "dimension!", case when day >= $4 then day end as day, kind as "kind!", '' as "value!",
            sum(count)::bigint as "count!", sum(total)::bigint as "total!"
         from report_days
         where dimension = 'all' and day <= $3
         group by 2, 3
         union all
         select dimension, null, kind, value, sum(count)::bigint, sum(total)::bigint
         from report_days
         where dimension = any($1) and day between $2 and $3
         group by dimension, kind, value
         having sum(count) <> 0"#,
        &wanted[..],
        period.from,
        period.to,
        period.before().from,
    );
    let mut counted = Counted::default();
    for row in rows.fetch_all(db).await? {
        let kind = known(&row.kind)?;
        match (row.dimension.as_str(), row.day) {
            ("all", Some(day)) => counted.days.entry(day).or_default().add(kind, row.count, row.total),
            ("all", None) => counted.before.add(kind, row.count, row.total),
            ("value", _) => _ = counted.values.entry(kind).or_default().insert(number(&row.value)?, row.count),
            _ => counted.groups.entry(row.value).or_default().add(kind, row.count, row.total),
        }
    }
    Ok(counted)
}

fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::internal(anyhow::anyhow!("a sum of {text}, which is no number")))
}

/// Whether everything that was there before has been counted, with days by that clock.
pub async fn is_complete(db: &mut PgConnection, zone: &str) -> Result<bool> {
    let walks = sqlx::query_scalar!(r#"select count(*) as "walks!" from report_walks where is_done and time_zone = $1"#, zone);
    Ok(walks.fetch_one(db).await? == Over::ALL.len() as i64)
}

/// How many tickets wait for somebody, opened after each of these times and after none of those before.
pub async fn open_since(db: &mut PgConnection, times: [DateTime<Utc>; 4]) -> Result<[i64; 5]> {
    let row = sqlx::query!(
        r#"select count(*) filter (where created_at > $1) as "one!",
            count(*) filter (where created_at <= $1 and created_at > $2) as "two!",
            count(*) filter (where created_at <= $2 and created_at > $3) as "three!",
            count(*) filter (where created_at <= $3 and created_at > $4) as "four!",
            count(*) filter (where created_at <= $4) as "five!"
         from support_tickets
         where status in ('open', 'in_progress', 'waiting_customer')"#,
        times[0],
        times[1],
        times[2],
        times[3],
    );
    let row = row.fetch_one(db).await?;
    Ok([row.one, row.two, row.three, row.four, row.five])
}

/// A member, and how many tickets wait for them.
pub struct Worker {
    pub id: PersonId,
    pub name: String,
    pub open_tickets: i64,
}

/// These people, and all members besides.
pub async fn workers(db: &mut PgConnection, ids: &[PersonId]) -> Result<Vec<Worker>> {
    let workers = sqlx::query_as!(
        Worker,
        r#"select u.id, u.firstname || ' ' || u.lastname as "name!",
            (select count(*)
             from support_tickets t
             where t.assigned_to = u.id and t.status in ('open', 'in_progress', 'waiting_customer')) as "open_tickets!"
         from users u
         where u.id = any($1) or u.role <> 'customer' and u.active"#,
        ids,
    );
    Ok(workers.fetch_all(db).await?)
}

/// The names of these teams.
pub async fn names_of_teams(db: &mut PgConnection, ids: &[TeamId]) -> Result<BTreeMap<i64, String>> {
    let rows = sqlx::query!("select id, name from teams where id = any($1)", ids);
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.name)).collect())
}

/// How many facts of a kind there are.
pub async fn count(db: &mut PgConnection, asked: &Narrowed) -> Result<i64> {
    let (dimension, value) = asked.within();
    let count = sqlx::query_scalar!(
        r#"select coalesce(sum(count), 0)::bigint as "count!"
         from report_days
         where dimension = $1 and day between $2 and $3 and kind = $4 and value = $5"#,
        dimension.as_str(),
        asked.period.from,
        asked.period.to,
        asked.figure.as_str(),
        value,
    );
    Ok(count.fetch_one(db).await?)
}

struct Row {
    at: DateTime<Utc>,
    day: NaiveDate,
    source: i64,
    value: Option<i32>,
    ticket_id: i64,
    ticket_number: String,
    subject: String,
    status: String,
    priority: String,
    category: Option<String>,
    user_id: PersonId,
    firstname: String,
    lastname: String,
    email: String,
    agent_id: Option<PersonId>,
    agent_firstname: Option<String>,
    agent_lastname: Option<String>,
    agent_email: Option<String>,
    comment: Option<String>,
}

impl Row {
    fn shown(self, figure: Kind) -> Result<TicketCounted> {
        let broken = || Error::internal(anyhow::anyhow!("ticket {} holds a word that is none", self.ticket_id));
        let (status, priority) = (Status::parse(&self.status), Priority::parse(&self.priority));
        let agent = self.agent_id.zip(self.agent_firstname).zip(self.agent_lastname);
        let is_rating = figure == Kind::Rated;
        Ok(TicketCounted {
            figure,
            at: self.at,
            minutes: self.value.filter(|_| !is_rating),
            rating: self.value.filter(|_| is_rating),
            comment: self.comment,
            agent: agent.map(|((id, firstname), lastname)| Party { id, firstname, lastname, email: self.agent_email }),
            key: Key { day: self.day, at: self.at, ticket_id: self.ticket_id, source: self.source },
            ticket: CountedTicket {
                id: self.ticket_id,
                ticket_number: self.ticket_number,
                subject: self.subject,
                status: status.ok_or_else(broken)?,
                priority: priority.ok_or_else(broken)?,
                category: self.category,
                requester: Party { id: self.user_id, firstname: self.firstname, lastname: self.lastname, email: Some(self.email) },
            },
        })
    }
}

macro_rules! select_facts {
    ($first:literal $(+ $rest:literal)* $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select f.at, f.day, f.source, f.value, f.ticket_id, t.ticket_number, t.subject, t.status, t.priority, t.category,
                t.user_id, r.firstname, r.lastname, r.email,
                f.agent_id, a.firstname as "agent_firstname?", a.lastname as "agent_lastname?", a.email as "agent_email?",
                c.comment as "comment?"
             from (
                select *
                from report_facts
                where kind = $1 and day between $2 and $3
                    and case $4
                        when 'agent' then coalesce(agent_id::text, '') = $5
                        when 'priority' then priority = $5
                        when 'category' then coalesce(category, '') = $5
                        when 'team' then coalesce(team_id::text, '') = $5
                        when 'channel' then channel = $5
                        when 'value' then value::text = $5
                        else true
                    end
                    and (day, at, ticket_id, source) "# + $first $(+ $rest)* + r#"
                limit $10
             ) f
             join support_tickets t on t.id = f.ticket_id
             join users r on r.id = t.user_id
             left join users a on a.id = f.agent_id
             left join csat_answers c on c.id = f.source and f.kind = 'rated'"#
            $(, $arg)*
        )
    };
}

/// One part of the facts of a kind, each with its ticket.
pub async fn facts(db: &mut PgConnection, asked: &Narrowed, part: &Part<'_, Key>) -> Result<Vec<TicketCounted>> {
    let (dimension, value) = asked.within();
    let (figure, Period { from, to }, limit) = (asked.figure.as_str(), asked.period, part.probe());
    let edge = part.after.unwrap_or(match part.order {
        Order::Newest => Key { day: to + Days::new(1), at: DateTime::UNIX_EPOCH, ticket_id: 0, source: 0 },
        Order::Oldest => Key { day: from, at: DateTime::UNIX_EPOCH, ticket_id: 0, source: 0 },
    });
    let rows = match part.order {
        Order::Newest => {
            select_facts!(
                "< ($6, $7, $8, $9) order by day desc, at desc, ticket_id desc, source desc",
                figure,
                from,
                to,
                dimension.as_str(),
                value,
                edge.day,
                edge.at,
                edge.ticket_id,
                edge.source,
                limit
            )
            .fetch_all(db)
            .await?
        }
        Order::Oldest => {
            select_facts!(
                "> ($6, $7, $8, $9) order by day, at, ticket_id, source",
                figure,
                from,
                to,
                dimension.as_str(),
                value,
                edge.day,
                edge.at,
                edge.ticket_id,
                edge.source,
                limit
            )
            .fetch_all(db)
            .await?
        }
    };
    let mut rows = rows.into_iter().map(|row| row.shown(asked.figure)).collect::<Result<Vec<_>>>()?;
    // The joins may have mixed them.
    rows.sort_by_key(|row| row.key);
    if part.order == Order::Newest {
        rows.reverse();
    }
    Ok(rows)
}
