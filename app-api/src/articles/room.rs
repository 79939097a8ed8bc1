//! How much a help centre holds. What is archived stays, so it has a higher bound of its own and takes no room from what is written.

use shared::{Error, Result, act::Act};

use super::store::{self, Amount};

/// Articles that are not archived: as many as the help centre's pages show.
const ARTICLES: i64 = 1000;
/// Articles, archived ones with them: what a search ranks at most.
const ARTICLES_EVER: i64 = 5000;
/// Sections that are not archived.
const SECTIONS: i64 = 200;
/// Sections, archived ones with them.
const SECTIONS_EVER: i64 = 1000;

/// `409` unless there is room for a new article. Nobody else takes it before the act ends.
pub(super) async fn for_new_article(act: &mut Act) -> Result<()> {
    store::hold_room(act.db()).await?;
    let there = store::amount_of_articles(act.db()).await?;
    check(&there, ARTICLES, ARTICLES_EVER)
}

/// `409` unless there is room for an article that is archived and shall not be any more.
pub(super) async fn for_returning_article(act: &mut Act) -> Result<()> {
    store::hold_room(act.db()).await?;
    let there = store::amount_of_articles(act.db()).await?;
    check(&there, ARTICLES, i64::MAX)
}

/// `409` unless there is room for a new section.
pub(super) async fn for_new_section(act: &mut Act) -> Result<()> {
    store::hold_room(act.db()).await?;
    let there = store::amount_of_sections(act.db()).await?;
    check(&there, SECTIONS, SECTIONS_EVER)
}

fn check(there: &Amount, most: i64, most_ever: i64) -> Result<()> {
    if there.current >= most {
        Err(Error::conflict("conflict", format!("There are {most} already. Archive some first.")))
    } else if there.ever >= most_ever {
        Err(Error::conflict("conflict", format!("There are {most_ever} already, archived ones with them.")))
    } else {
        Ok(())
    }
}
