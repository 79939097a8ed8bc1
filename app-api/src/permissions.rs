//! What each role may do at all. Whether somebody sees a certain ticket is `tickets::Viewer`'s say.

use shared::{auth::scope::Scope, session::Role};

/// Something that one needs leave for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Open a ticket for oneself.
    OpenTickets,
    /// Open a ticket for a customer, and find them.
    OpenForOthers,
    /// See tickets, their threads and what happens to them.
    ReadTickets,
    /// Write in a thread and mark it as read.
    Converse,
    /// Write and read internal notes.
    WriteNotes,
    /// Move a ticket along, as far as its state machine lets this side.
    ChangeStatus,
    /// Give a ticket to an agent, oneself included.
    Assign,
    /// Change subject, category, priority, tags.
    EditTickets,
    /// See who works here, in which teams and on how much.
    SeeAgents,
    /// See what is promised to customers, and why a ticket is due when it is.
    SeeTargets,
    /// Set what is promised, and the business hours.
    SetTargets,
    /// Say whether one is there oneself.
    SetAvailability,
    /// See what tickets may be about, and what is asked of each.
    SeeCategories,
    /// Arrange teams, categories and fields, and say who is there.
    Arrange,
    /// See what is set for tickets.
    SeeSettings,
    /// Change what is set for tickets.
    ChangeSettings,
    /// Use views, tags, canned replies, macros and what others keep at a ticket.
    UseDesk,
    /// Keep views, canned replies and macros of one's own; watch, draft and link.
    KeepDesk,
    /// Keep views, canned replies and macros for everybody.
    KeepForAll,
    /// Read how content customers are with what one sees.
    SeeFeedback,
    /// Read what is counted over all tickets.
    SeeReports,
    /// Take the tickets that one sees away as a file.
    ExportTickets,
    /// Bring tickets here from elsewhere. A key that begins or runs an import needs [`Self::OpenForOthers`] besides.
    ImportTickets,
    /// See how far that is, and what was wrong in a file.
    SeeImports,
    /// Read the help centre.
    ReadArticles,
    /// Say whether an article has helped.
    RateArticles,
    /// Write, publish and put away articles, and read drafts.
    KeepArticles,
    /// See which content of files is refused.
    SeeModeration,
    /// Say which content of files is refused.
    ModerateFiles,
    /// Share a file that one sees, with a member or by a link, and take that back.
    ShareFiles,
    /// See who was given a file, and who took it.
    SeeAccesses,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 31] = [
        Self::OpenTickets,
        Self::OpenForOthers,
        Self::ReadTickets,
        Self::Converse,
        Self::WriteNotes,
        Self::ChangeStatus,
        Self::Assign,
        Self::EditTickets,
        Self::SeeAgents,
        Self::SeeTargets,
        Self::SetTargets,
        Self::SetAvailability,
        Self::SeeCategories,
        Self::Arrange,
        Self::SeeSettings,
        Self::ChangeSettings,
        Self::UseDesk,
        Self::KeepDesk,
        Self::KeepForAll,
        Self::SeeFeedback,
        Self::SeeReports,
        Self::ExportTickets,
        Self::ImportTickets,
        Self::SeeImports,
        Self::ReadArticles,
        Self::RateArticles,
        Self::KeepArticles,
        Self::SeeModeration,
        Self::ModerateFiles,
        Self::ShareFiles,
        Self::SeeAccesses,
    ];

    /// Whether `role` has it.
    pub fn is_given_to(self, role: Role) -> bool {
        match self {
            Self::OpenTickets
            | Self::ReadTickets
            | Self::Converse
            | Self::ChangeStatus
            | Self::SeeCategories
            | Self::ReadArticles
            | Self::RateArticles => true,
            Self::OpenForOthers
            | Self::WriteNotes
            | Self::Assign
            | Self::EditTickets
            | Self::SeeAgents
            | Self::SeeTargets
            | Self::SetAvailability
            | Self::SeeSettings
            | Self::UseDesk
            | Self::KeepDesk
            | Self::SeeFeedback
            | Self::ExportTickets
            | Self::ShareFiles => role.is_staff(),
            Self::Arrange
            | Self::KeepForAll
            | Self::SeeReports
            | Self::KeepArticles
            | Self::SeeModeration
            | Self::ModerateFiles
            | Self::SeeAccesses => role >= Role::Manager,
            Self::SetTargets | Self::ChangeSettings | Self::ImportTickets | Self::SeeImports => role >= Role::Admin,
        }
    }
}

impl Permission {
    /// What an API key needs for it besides.
    pub fn scope(self) -> Scope {
        match self {
            Self::ReadTickets
            | Self::SeeTargets
            | Self::SeeCategories
            | Self::UseDesk
            | Self::SeeFeedback
            | Self::SeeReports
            | Self::ExportTickets
            | Self::SeeImports
            | Self::ReadArticles
            | Self::SeeAccesses => Scope::TicketsRead,
            Self::OpenTickets
            | Self::OpenForOthers
            | Self::Converse
            | Self::WriteNotes
            | Self::ChangeStatus
            | Self::Assign
            | Self::EditTickets
            | Self::KeepDesk
            | Self::KeepForAll
            | Self::RateArticles
            | Self::ShareFiles => Scope::TicketsWrite,
            Self::SeeAgents | Self::SeeSettings | Self::SeeModeration => Scope::AgentsRead,
            Self::SetTargets
            | Self::SetAvailability
            | Self::Arrange
            | Self::ChangeSettings
            | Self::ImportTickets
            | Self::KeepArticles
            | Self::ModerateFiles => Scope::SettingsWrite,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_of_permissions_roles_and_scopes() {
        let mut grid = String::new();
        for permission in Permission::ALL {
            let given: Vec<&str> = Role::ALL.into_iter().filter(|r| permission.is_given_to(*r)).map(Role::as_str).collect();
            grid += &format!("{permission:?}: {} · {}\n", given.join(" "), permission.scope().as_str());
        }
        insta::assert_snapshot!(grid, @r"
        OpenTickets: customer agent manager admin · tickets:write
        OpenForOthers: agent manager admin · tickets:write
        ReadTickets: customer agent manager admin · tickets:read
        Converse: customer agent manager admin · tickets:write
        WriteNotes: agent manager admin · tickets:write
        ChangeStatus: customer agent manager admin · tickets:write
        Assign: agent manager admin · tickets:write
        EditTickets: agent manager admin · tickets:write
        SeeAgents: agent manager admin · agents:read
        SeeTargets: agent manager admin · tickets:read
        SetTargets: admin · settings:write
        SetAvailability: agent manager admin · settings:write
        SeeCategories: customer agent manager admin · tickets:read
        Arrange: manager admin · settings:write
        SeeSettings: agent manager admin · agents:read
        ChangeSettings: admin · settings:write
        UseDesk: agent manager admin · tickets:read
        KeepDesk: agent manager admin · tickets:write
        KeepForAll: manager admin · tickets:write
        SeeFeedback: agent manager admin · tickets:read
        SeeReports: manager admin · tickets:read
        ExportTickets: agent manager admin · tickets:read
        ImportTickets: admin · settings:write
        SeeImports: admin · tickets:read
        ReadArticles: customer agent manager admin · tickets:read
        RateArticles: customer agent manager admin · tickets:write
        KeepArticles: manager admin · settings:write
        SeeModeration: manager admin · agents:read
        ModerateFiles: manager admin · settings:write
        ShareFiles: agent manager admin · tickets:write
        SeeAccesses: manager admin · tickets:read
        ");
    }
}
