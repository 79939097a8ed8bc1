//! Sharing one file with whoever does not see its ticket: with another member, until that is taken back, or with whoever
//! has a link, for up to thirty days.
//!
//! Who shares must see the file, and it must be sound. What was shared is that one file: nothing of its ticket opens with it. A
//! share is taken back by its maker, and by managers; from then on no address that was given through it works. It ends with its
//! file, and a member's with their place among the staff. Of a link's token we keep the hash, and it stands behind the `#` of its
//! address, which reaches no log. A link that is wrong, over, or taken back is told from none of the others.

mod list;
mod model;
mod open;
mod revoke;
mod share;
mod store;

pub(super) use list::{__path_list_shared_with_me, __path_list_shares, given, list_shared_with_me, list_shares};
pub(super) use open::{__path_open_share, open_share};
pub(super) use revoke::{__path_revoke_share, revoke_share};
pub(super) use share::{__path_share_file, share_file};
pub(super) use store::living;
