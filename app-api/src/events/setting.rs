//! What is arranged or kept rather than worked on: teams, categories, targets, views, macros and the like.

use serde_json::{Value, json};
use shared::broker::SAV_EXCHANGE;

use crate::people::PersonId;

/// What was arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// A team.
    Team,
    /// A category.
    Category,
    /// A custom field.
    CustomField,
    /// A policy with its targets.
    SlaPolicy,
    /// Business hours.
    SlaCalendar,
    /// A saved filter.
    View,
    /// A text for replies.
    CannedReply,
    /// A text and actions.
    Macro,
    /// One action for many tickets.
    Bulk,
    /// What is set for tickets.
    TicketSettings,
    /// Whether a member is there.
    Availability,
    /// Tickets that are brought from elsewhere.
    Import,
    /// Somebody known by an address alone.
    Contact,
    /// An article of the help centre.
    Article,
    /// Whether an article has helped somebody.
    ArticleVote,
    /// A section of the help centre.
    ArticleSection,
    /// A content that was judged.
    ModerationHash,
    /// Files that are taken.
    MediaCategory,
    /// How much of files there may be.
    MediaSettings,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It is new.
    Created,
    /// It is another way.
    Changed,
    /// It is gone.
    Deleted,
}

/// A noun's word in subjects, and the name and topic of what was created, changed, deleted.
type Names = (&'static str, [(&'static str, &'static str); 3]);

/// The names of what is created, changed and deleted alike.
macro_rules! names {
    ($word:literal, $name:literal) => {
        (
            $word,
            [
                (concat!($name, "Created"), concat!("sav.", $word, ".created")),
                (concat!($name, "Changed"), concat!("sav.", $word, ".changed")),
                (concat!($name, "Deleted"), concat!("sav.", $word, ".deleted")),
            ],
        )
    };
}

impl Noun {
    fn names(self) -> Names {
        match self {
            Self::Team => names!("team", "Team"),
            Self::Category => names!("category", "Category"),
            Self::CustomField => names!("custom_field", "CustomField"),
            Self::SlaPolicy => names!("sla_policy", "SlaPolicy"),
            Self::SlaCalendar => names!("sla_calendar", "SlaCalendar"),
            Self::View => names!("view", "View"),
            Self::CannedReply => names!("canned_reply", "CannedReply"),
            Self::Macro => names!("macro", "Macro"),
            Self::Bulk => ("bulk", [("BulkBegun", "sav.bulk.begun"); 3]),
            Self::TicketSettings => ("ticket_settings", [("TicketSettingsChanged", "sav.ticket_settings.changed"); 3]),
            Self::Availability => ("agent", [("AgentAvailabilityChanged", "sav.agent.availability_changed"); 3]),
            Self::Import => (
                "import",
                [
                    ("ImportCreated", "sav.import.created"),
                    ("ImportChanged", "sav.import.changed"),
                    ("ImportCancelled", "sav.import.cancelled"),
                ],
            ),
            Self::Contact => ("contact", [("ContactJoined", "sav.contact.joined"); 3]),
            Self::Article => names!("article", "Article"),
            Self::ArticleVote => ("article", [("ArticleRated", "sav.article.rated"); 3]),
            Self::ArticleSection => names!("article_section", "ArticleSection"),
            Self::ModerationHash => names!("moderation_hash", "ModerationHash"),
            Self::MediaCategory => names!("media_category", "MediaCategory"),
            Self::MediaSettings => ("media_settings", [("MediaSettingsChanged", "sav.media_settings.changed"); 3]),
        }
    }
}

/// Something was arranged. The data is what it is like now, with its id.
pub struct Setting {
    noun: Noun,
    deed: Deed,
    id: i64,
    data: Value,
}

impl Setting {
    /// That happened to the noun of that id.
    pub fn new(noun: Noun, deed: Deed, id: i64, mut data: Value) -> Self {
        data["id"] = id.into();
        Self { noun, deed, id, data }
    }

    /// The same of what a person keeps, who did it.
    pub fn kept(noun: Noun, deed: Deed, id: i64, by: PersonId, mut data: Value) -> Self {
        data["changed_by"] = json!(by);
        Self::new(noun, deed, id, data)
    }

    /// What is set for tickets was changed.
    pub fn ticket_settings_changed(data: Value) -> Self {
        Self { noun: Noun::TicketSettings, deed: Deed::Changed, id: 1, data }
    }

    /// How much of files there may be was changed.
    pub fn media_settings_changed(data: Value) -> Self {
        Self { noun: Noun::MediaSettings, deed: Deed::Changed, id: 1, data }
    }

    /// Whether somebody is there was changed.
    pub fn availability_changed(user_id: PersonId, mut data: Value) -> Self {
        data["user_id"] = json!(user_id);
        Self { noun: Noun::Availability, deed: Deed::Changed, id: user_id, data }
    }
}

impl shared::act::Event for Setting {
    fn kind(&self) -> &'static str {
        self.noun.names().1[self.deed as usize].0
    }

    fn exchange(&self) -> &'static str {
        SAV_EXCHANGE
    }

    fn routing_key(&self) -> &'static str {
        self.noun.names().1[self.deed as usize].1
    }

    fn subject(&self) -> String {
        format!("{}:{}", self.noun.names().0, self.id)
    }

    fn data(&self) -> Value {
        self.data.clone()
    }
}
