//! Which files an organisation takes: by the ending of their names, up to a length, from whom.

use shared::{Error, Result};

use super::{
    kind::{Kind, has_blocked_ending},
    name::Name,
};

/// Bytes of the longest file that any organisation may take.
pub const LONGEST: u64 = 100 << 20;

/// A kind of files that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// What it is called.
    pub name: String,
    /// The endings.
    pub extensions: Vec<String>,
    /// The most bytes.
    pub max_bytes: i64,
    /// Whether small pictures are made.
    pub previews: bool,
    /// Not from customers.
    pub staff_only: bool,
}

/// What a file is taken as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What its content is to be.
    pub kind: Kind,
    /// Its ending.
    pub ending: String,
    /// The name of its category.
    pub category: String,
    /// The most bytes.
    pub max_bytes: i64,
    /// Whether a small picture is to be made.
    pub preview: bool,
}

/// What a file of that name and declared type is taken as, or why it is not: `415 file_type_blocked` or
/// `415 content_mismatch`. Among several categories of an ending the widest counts.
pub fn accept(all: &[Category], name: &Name, declared: Option<&str>, is_staff: bool) -> Result<Taken> {
    let ending = name.ending();
    if has_blocked_ending(name) {
        return Err(Error::File { code: "file_type_blocked", detail: "Files of this type are not taken." });
    }
    let fits = |category: &&Category| category.extensions.contains(&ending) && (is_staff || !category.staff_only);
    let Some(category) = all.iter().filter(fits).max_by_key(|category| category.max_bytes) else {
        return Err(Error::File { code: "file_type_blocked", detail: "Files of this type are not taken." });
    };
    let kind = Kind::of(&ending);
    if !kind.agrees_with(declared) {
        return Err(Error::File { code: "content_mismatch", detail: "The declared type is not that of the name." });
    }
    let preview = category.previews && kind.has_preview();
    Ok(Taken { kind, ending, category: category.name.clone(), max_bytes: category.max_bytes, preview })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category(name: &str, extensions: &[&str], max_bytes: i64, staff_only: bool) -> Category {
        Category { name: name.into(), extensions: extensions.iter().map(|e| (*e).into()).collect(), max_bytes, previews: true, staff_only }
    }

    #[test]
    fn a_file_is_taken_by_the_ending_of_its_name() {
        let all = [
            category("images", &["jpg", "png"], 5, false),
            category("scans", &["png"], 9, false),
            category("archives", &["zip"], 20, true),
            category("logs", &["log"], 10, false),
        ];
        let code = |name: &str, declared, is_staff| match accept(&all, &Name::of(name), declared, is_staff) {
            Ok(taken) => taken.category,
            Err(Error::File { code, .. }) => code.into(),
            Err(error) => panic!("{error}"),
        };
        for (name, declared, is_staff, expected) in [
            ("a.jpg", None, false, "images"),
            ("a.JPG", Some("image/jpeg"), false, "images"),
            ("a.png", None, false, "scans"),
            ("a.png", Some("text/html"), false, "content_mismatch"),
            ("a.zip", None, false, "file_type_blocked"),
            ("a.zip", None, true, "archives"),
            ("a.log", Some("text/x-log"), false, "logs"),
            ("a.gif", None, true, "file_type_blocked"),
            ("a", None, true, "file_type_blocked"),
            ("a.exe", None, true, "file_type_blocked"),
            ("a.exe.jpg", None, true, "file_type_blocked"),
            ("jpg", None, true, "file_type_blocked"),
        ] {
            assert_eq!(code(name, declared, is_staff), expected, "{name} {declared:?} {is_staff}");
        }
    }
}
