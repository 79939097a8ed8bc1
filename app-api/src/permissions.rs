//! What each role may do at all. Whether somebody sees a certain ticket is `tickets::Viewer`'s say.

use shared::session::Role;

/// Something that one needs leave for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Open a ticket for oneself.
    OpenTickets,
    /// Open a ticket for a customer.
    OpenForOthers,
    /// Write in a thread and read it.
    Converse,
    /// Write and read internal notes.
    WriteNotes,
    /// Move a ticket along, as far as its state machine lets this side.
    ChangeStatus,
    /// Give a ticket to an agent, oneself included.
    Assign,
    /// Change subject, category, priority, tags.
    EditTickets,
    /// See who works here and on how much.
    SeeAgents,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 8] = [
        Self::OpenTickets,
        Self::OpenForOthers,
        Self::Converse,
        Self::WriteNotes,
        Self::ChangeStatus,
        Self::Assign,
        Self::EditTickets,
        Self::SeeAgents,
    ];

    /// Whether `role` has it.
    pub fn is_given_to(self, role: Role) -> bool {
        match self {
            Self::OpenTickets | Self::Converse | Self::ChangeStatus => true,
            Self::OpenForOthers | Self::WriteNotes | Self::Assign | Self::EditTickets | Self::SeeAgents => role.is_staff(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_of_roles_and_permissions() {
        let mut grid = String::new();
        for permission in Permission::ALL {
            let given: Vec<&str> = Role::ALL.into_iter().filter(|r| permission.is_given_to(*r)).map(Role::as_str).collect();
            grid += &format!("{permission:?}: {}\n", given.join(" "));
        }
        insta::assert_snapshot!(grid, @r"
        OpenTickets: customer agent manager admin
        OpenForOthers: agent manager admin
        Converse: customer agent manager admin
        WriteNotes: agent manager admin
        ChangeStatus: customer agent manager admin
        Assign: agent manager admin
        EditTickets: agent manager admin
        SeeAgents: agent manager admin
        ");
    }
}
