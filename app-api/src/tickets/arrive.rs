//! Bringing tickets from elsewhere, many in one act. Nobody is told of them: no mail, no event for each, no breach of what
//! nobody had promised. Their targets are measured by and by, as those of tickets from before there were targets.

use shared::{Error, Result, act::Act, month::Month};

use super::{arrival::Arrival, number, sealing, store};
use crate::messages;

/// How often taken numbers are drawn again.
const DRAWS: usize = 5;
/// Messages that are written in one statement: a thread of thousands takes longer than one may.
const PORTION: usize = 100;

/// How many more tickets that month has room for just now, where there is a limit. Others may take it meanwhile: see
/// [`must_have_had_room`].
pub async fn room(act: &mut Act, most: Option<i64>, month: Month) -> Result<Option<i64>> {
    let Some(allowed) = most else { return Ok(None) };
    let used = store::opened_within(act.db(), (month.starts(), month.ends())).await?;
    Ok(Some((allowed - used).max(0)))
}

/// Brings tickets here with their threads and walks, and gives their ids in the same order.
pub async fn bring(act: &mut Act, arrivals: &[Arrival]) -> Result<Vec<i64>> {
    let ids = insert(act, arrivals).await?;
    let now = act.now();
    store::write_walks(act.db(), arrivals, &ids, now).await?;
    let said: Vec<_> = ids.iter().zip(arrivals).flat_map(|(id, arrival)| arrival.messages.iter().map(|said| (*id, said))).collect();
    let said: Vec<messages::Brought<'_>> = said
        .into_iter()
        .map(|(ticket_id, said)| messages::Brought {
            ticket_id,
            sender_id: said.sender_id,
            sender_type: said.sender_type,
            message: &said.text.0,
            message_html: &said.text.1,
            is_internal: said.is_internal,
            created_at: said.at,
        })
        .collect();
    for some in said.chunks(PORTION) {
        messages::bring(act.db(), some, now).await?;
    }
    store::index_all(act.db(), &ids).await?;
    Ok(ids)
}

/// Contended when that month has more tickets by now than it may, those of this act among them: others have taken the room that
/// there was. Whoever opens a ticket waits from here until the act ends, so the number stays right; it is called last.
pub async fn must_have_had_room(act: &mut Act, most: Option<i64>, month: Month) -> Result<()> {
    let Some(allowed) = most else { return Ok(()) };
    store::hold_openings(act.db()).await?;
    let used = store::opened_within(act.db(), (month.starts(), month.ends())).await?;
    if used <= allowed { Ok(()) } else { Err(Error::Contended) }
}

/// Inserts all of them under numbers that nobody has.
async fn insert(act: &mut Act, arrivals: &[Arrival]) -> Result<Vec<i64>> {
    let sensitive = sealing::sensitive(act, arrivals.iter().map(|arrival| &arrival.custom_fields)).await?;
    let now = act.now();
    let values = arrivals.iter().map(|arrival| sealing::part(act, &arrival.custom_fields, &sensitive)).collect::<Result<Vec<_>>>()?;
    let mut ids: Vec<Option<i64>> = vec![None; arrivals.len()];
    for _ in 0..DRAWS {
        let left: Vec<usize> = (0..arrivals.len()).filter(|n| ids[*n].is_none()).collect();
        if left.is_empty() {
            break;
        }
        let numbered: Vec<(String, usize)> = left.into_iter().map(|n| (number::draw(&mut rand::rng()), n)).collect();
        let rows: Vec<_> = numbered.iter().map(|(number, n)| (number.as_str(), &arrivals[*n], &values[*n])).collect();
        for (number, id) in store::insert_arrivals(act.db(), &rows, now).await? {
            if let Some((_, n)) = numbered.iter().find(|(drawn, _)| *drawn == number) {
                ids[*n] = Some(id);
            }
        }
    }
    let ids: Option<Vec<i64>> = ids.into_iter().collect();
    ids.ok_or_else(|| Error::internal(anyhow::anyhow!("no free ticket numbers after {DRAWS} draws")))
}
