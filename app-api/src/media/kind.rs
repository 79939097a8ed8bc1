//! What a file can be, by its ending, and what that says of its content.

use super::name::Name;

/// Endings that nobody may send: what runs, what holds a file system, and what a browser takes for a page.
const BLOCKED: &[&str] = &[
    "apk", "app", "appimage", "apppkg", "docm", "dotm", "xlsm", "xlam", "xltm", "pptm", "potm", "ppsm", "bat", "bash", "cgi", "class",
    "cmd", "com", "command", "cpl", "crx", "deb", "dll", "dmg", "elf", "exe", "fish", "gadget", "hta", "htaccess", "htm", "html", "img",
    "inf", "ins", "iso", "isp", "jar", "js", "jse", "jsp", "ksh", "lnk", "mht", "mhtml", "mjs", "msc", "msi", "msp", "mst", "php", "php3",
    "php4", "php5", "php7", "phar", "phtml", "pif", "pkg", "pl", "ps1", "psm1", "py", "pyc", "pyw", "rb", "reg", "rpm", "run", "scf",
    "scpt", "scr", "sct", "sh", "shtml", "svg", "svgz", "swf", "sys", "url", "vb", "vbe", "vbs", "vhd", "vhdx", "war", "wasm", "ws", "wsc",
    "wsf", "wsh", "xht", "xhtml", "xll", "xsl", "xslt", "zsh",
];

/// Endings that hide behind another one: `invoice.exe.pdf`. Fewer than the others, since `shop.com.pdf` hides nothing.
const HIDING: &[&str] = &[
    "bat", "cmd", "dmg", "exe", "hta", "htm", "html", "iso", "jar", "js", "msi", "phar", "php", "phtml", "ps1", "py", "scr", "sh", "svg",
    "vbs",
];

/// Whether an ending is one that nobody may send.
pub fn is_blocked(ending: &str) -> bool {
    BLOCKED.contains(&ending)
}

/// Whether a name has such an ending anywhere: `invoice.exe.pdf` has.
pub fn has_blocked_ending(name: &Name) -> bool {
    let mut endings = name.endings();
    let last = endings.pop().unwrap_or_default();
    is_blocked(&last) || endings.iter().any(|ending| HIDING.contains(&ending.as_str()))
}

const SHOWN: [Kind; 4] = [Kind::Jpeg, Kind::Png, Kind::Gif, Kind::Webp];

/// Whether a browser may show what is of that type in its place.
pub fn is_shown(mime: &str) -> bool {
    SHOWN.iter().any(|kind| kind.mime() == mime)
}

/// What a file's content is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An image that browsers show.
    Jpeg,
    /// The same.
    Png,
    /// The same.
    Gif,
    /// The same.
    Webp,
    /// An image that few browsers show.
    Heic,
    /// A document.
    Pdf,
    /// Word before 2007.
    Doc,
    /// Word.
    Docx,
    /// Excel.
    Xlsx,
    /// A table.
    Csv,
    /// Text.
    Text,
    /// An archive.
    Zip,
    /// Moving pictures.
    Mp4,
    /// The same.
    Mov,
    /// Sound.
    Mp3,
    /// The same.
    Wav,
    /// The same.
    Aac,
    /// The same.
    Ogg,
    /// What an organisation allows besides, and we know nothing of.
    Other,
}

impl Kind {
    /// What an ending says.
    pub fn of(ending: &str) -> Self {
        match ending {
            "jpg" | "jpeg" => Self::Jpeg,
            "png" => Self::Png,
            "gif" => Self::Gif,
            "webp" => Self::Webp,
            "heic" => Self::Heic,
            "pdf" => Self::Pdf,
            "doc" => Self::Doc,
            "docx" => Self::Docx,
            "xlsx" => Self::Xlsx,
            "csv" => Self::Csv,
            "txt" => Self::Text,
            "zip" => Self::Zip,
            "mp4" => Self::Mp4,
            "mov" => Self::Mov,
            "mp3" => Self::Mp3,
            "wav" => Self::Wav,
            "aac" => Self::Aac,
            "ogg" => Self::Ogg,
            _ => Self::Other,
        }
    }

    /// Names of its type, the one that we use first.
    pub fn types(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["image/jpeg", "image/jpg", "image/pjpeg"],
            Self::Png => &["image/png"],
            Self::Gif => &["image/gif"],
            Self::Webp => &["image/webp"],
            Self::Heic => &["image/heic", "image/heif"],
            Self::Pdf => &["application/pdf", "application/x-pdf"],
            Self::Doc => &["application/msword"],
            Self::Docx => &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
            Self::Xlsx => &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
            // Browsers say of a table whatever program opens it.
            Self::Csv => &["text/csv", "application/csv", "text/plain", "application/vnd.ms-excel", "text/comma-separated-values"],
            Self::Text => &["text/plain"],
            Self::Zip => &["application/zip", "application/x-zip-compressed", "application/x-zip"],
            Self::Mp4 => &["video/mp4"],
            Self::Mov => &["video/quicktime"],
            Self::Mp3 => &["audio/mpeg", "audio/mp3"],
            Self::Wav => &["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"],
            Self::Aac => &["audio/aac", "audio/x-aac", "audio/aacp"],
            Self::Ogg => &["audio/ogg", "application/ogg", "video/ogg"],
            Self::Other => &["application/octet-stream"],
        }
    }

    /// Its type, as it is told.
    pub fn mime(self) -> &'static str {
        self.types()[0]
    }

    /// Whether a declared type may stand for it: none, one that says nothing, or one of its names, parameters apart.
    pub fn agrees_with(self, declared: Option<&str>) -> bool {
        let Some(declared) = declared else { return true };
        let plain = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(plain.as_str(), "" | "application/octet-stream" | "binary/octet-stream")
            || self.types().contains(&plain.as_str())
            // Of what we do not know, whatever is said may be true but what a browser would run.
            || self == Self::Other && !["html", "svg", "script"].iter().any(|word| plain.contains(word))
    }

    /// Whether a browser may show it in its place: pictures, and nothing that holds more.
    pub fn is_shown(self) -> bool {
        SHOWN.contains(&self)
    }

    /// Whether we can make a small picture of it.
    pub fn has_preview(self) -> bool {
        self.is_shown() || self == Self::Pdf
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_anywhere_in_a_name_may_be_blocked() {
        for (name, blocked) in [
            ("a.exe", true),
            ("A.EXE", true),
            ("a.exe.pdf", true),
            ("a.pdf.exe", true),
            ("a.exe ", true),
            ("a.exe.", true),
            ("a.php\u{200b}", true),
            ("a.s\u{200b}h", true),
            ("a.svg", true),
            ("a.xht", true),
            (".htaccess", true),
            ("exe.pdf", false),
            ("a.b.pdf", false),
            ("shop.com.pdf", false),
            ("v1.2.pdf", false),
            ("executive.summary.docx", false),
        ] {
            assert_eq!(has_blocked_ending(&Name::of(name)), blocked, "{name}");
        }
    }

    #[test]
    fn what_is_said_of_a_type_must_be_one_of_its_names() {
        for (kind, declared, agrees) in [
            (Kind::Png, None, true),
            (Kind::Png, Some(""), true),
            (Kind::Png, Some("application/octet-stream"), true),
            (Kind::Png, Some("IMAGE/PNG; name=x"), true),
            (Kind::Png, Some("image/jpeg"), false),
            (Kind::Png, Some("image/svg+xml; x"), false),
            (Kind::Csv, Some("application/vnd.ms-excel"), true),
            (Kind::Text, Some("text/html"), false),
            (Kind::Other, Some("application/x-custom"), true),
            (Kind::Other, Some("application/xhtml+xml"), false),
            (Kind::Other, Some("text/javascript"), false),
        ] {
            assert_eq!(kind.agrees_with(declared), agrees, "{kind:?} {declared:?}");
        }
    }

    #[test]
    fn whatever_we_can_make_small_pictures_of_is_a_picture_or_a_page() {
        for ending in ["jpg", "jpeg", "png", "gif", "webp", "pdf"] {
            assert!(Kind::of(ending).has_preview(), "{ending}");
        }
        for ending in ["heic", "txt", "zip", "docx", "mp4", "log"] {
            assert!(!Kind::of(ending).has_preview(), "{ending}");
        }
    }
}
