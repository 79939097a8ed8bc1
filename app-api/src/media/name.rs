//! What a file is called: the last part of whatever path was sent, without what hides, turns or breaks. Decided before
//! anything is concluded from the ending.

use unicode_normalization::UnicodeNormalization;

/// Bytes of a name that every file system takes.
const MOST: usize = 255;
/// Names that are devices to some systems, whatever stands behind their first dot.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// A cleaned name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// To be shown, escaped.
    pub shown: String,
    /// To be saved under.
    pub saved: String,
}

impl Name {
    /// Cleans a name as it was sent; what has nothing left is `file`.
    pub fn of(sent: &str) -> Self {
        let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
        let visible: String = last.nfc().filter(|c| !is_hidden(*c)).collect();
        let shown = shortened(visible.trim().trim_end_matches(['.', ' ']));
        let shown = if shown.trim_matches('.').is_empty() { "file".to_owned() } else { shown };
        Self { saved: saved(&shown), shown }
    }

    /// What stands behind the last dot, in lower case; empty where there is none.
    pub fn ending(&self) -> String {
        self.endings().pop().unwrap_or_default()
    }

    /// What stands behind each dot, in lower case: `a.exe.pdf` has two.
    pub fn endings(&self) -> Vec<String> {
        self.shown.split('.').skip(1).map(|part| part.trim().to_lowercase()).collect()
    }
}

/// Control characters, what turns the direction of writing, and what has no width.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// At most so many bytes, whole characters, the ending kept.
fn shortened(name: &str) -> String {
    if name.len() <= MOST {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| ending.len() <= 16);
    let room = MOST - ending.map_or(0, |ending| ending.len() + 1);
    let end = (0..=room).rev().find(|at| name.is_char_boundary(*at)).unwrap_or_default();
    match ending {
        Some(ending) => format!("{}.{ending}", &name[..end]),
        None => name[..end].to_owned(),
    }
}

fn saved(shown: &str) -> String {
    let plain: String = shown.chars().map(|c| if "<>:\"|?*%;'`$&#".contains(c) { '_' } else { c }).collect();
    let plain = plain.trim_start_matches(['.', '-', ' ']);
    let stem = plain.split('.').next().unwrap_or_default().trim().to_lowercase();
    let numbered =
        stem.len() == 4 && ["com", "lpt"].iter().any(|port| stem.starts_with(port)) && stem.ends_with(|c: char| c.is_ascii_digit());
    match plain {
        "" => "file".to_owned(),
        _ if numbered || RESERVED.contains(&stem.as_str()) => shortened(&format!("_{plain}")),
        _ => plain.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_its_last_part_without_what_hides() {
        for (sent, shown, saved) in [
            ("photo.jpg", "photo.jpg", "photo.jpg"),
            ("Été à l'eau.pdf", "Été à l'eau.pdf", "Été à l_eau.pdf"),
            ("e\u{301}te\u{301}.pdf", "été.pdf", "été.pdf"),
            ("../../etc/passwd", "passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini", "boot.ini"),
            ("C:\\temp\\a.txt", "a.txt", "a.txt"),
            ("C:a.txt", "C:a.txt", "C_a.txt"),
            ("/", "file", "file"),
            ("..", "file", "file"),
            ("", "file", "file"),
            (" . ", "file", "file"),
            (".htaccess", ".htaccess", "htaccess"),
            ("con", "con", "_con"),
            ("CON.tar.txt", "CON.tar.txt", "_CON.tar.txt"),
            ("lpt1.csv", "lpt1.csv", "_lpt1.csv"),
            ("console.txt", "console.txt", "console.txt"),
            ("photo\u{202e}gpj.exe", "photogpj.exe", "photogpj.exe"),
            ("invoice.p\u{200b}hp", "invoice.php", "invoice.php"),
            ("a\u{e0041}b.tx\u{feff}t", "ab.txt", "ab.txt"),
            ("a\r\nSet-Cookie: x.txt", "aSet-Cookie: x.txt", "aSet-Cookie_ x.txt"),
            ("a\0.txt", "a.txt", "a.txt"),
            ("say \"hi\".txt", "say \"hi\".txt", "say _hi_.txt"),
            ("invoice.exe. . .", "invoice.exe", "invoice.exe"),
            ("-rf.txt", "-rf.txt", "rf.txt"),
        ] {
            assert_eq!(Name::of(sent), Name { shown: shown.into(), saved: saved.into() }, "{sent:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let name = Name::of(&format!("{}.pdf", "é".repeat(2000)));
        assert!(name.shown.len() <= MOST && name.shown.ends_with("é.pdf"), "{}", name.shown);
        assert!(Name::of(&format!("con.{}", "x".repeat(4000))).saved.len() <= MOST);
    }

    #[test]
    fn every_ending_counts_in_lower_case() {
        for (name, endings) in
            [("a.EXE.Pdf", &["exe", "pdf"][..]), ("a", &[]), (".php", &["php"]), ("a.", &[]), ("a.js .txt", &["js", "txt"])]
        {
            assert_eq!(Name::of(name).endings(), endings, "{name}");
        }
    }

    proptest! {
        #[test]
        fn whatever_was_sent_is_a_name(sent in "\\PC*|.*") {
            let name = Name::of(&sent);
            for text in [&name.shown, &name.saved] {
                prop_assert!(!text.is_empty() && text.len() <= MOST && !text.contains(['/', '\\']) && !text.chars().any(is_hidden));
                prop_assert!(!text.trim_matches('.').is_empty());
            }
        }
    }
}
