//! Files that are small and would be large, for tests. They are written onto the disk a little at a time: what is measured is what we
//! need of memory for them, not what it took to make them.

use std::{
    fs::File,
    io::{self, Read, Seek, Write},
    sync::OnceLock,
    time::{Duration, Instant},
};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::kind::Kind;

/// What each bomb would be, unpacked.
pub const LARGE: u64 = 192 << 20;

/// A file of so many hostile ones: what it is, what it is called, and how it is to be met.
pub type Bomb = (&'static str, Kind, fn() -> io::Result<File>);

/// All pictures.
pub const PICTURES: [Bomb; 11] = [
    ("colours of 192 MiB in a PNG", Kind::Png, || png((100, 100), |file| chunk(file, b"iCCP", b"x\0\0"))),
    ("texts of 192 MiB in a PNG", Kind::Png, || {
        png((100, 100), |file| {
            chunk(file, b"zTXt", b"Raw profile type iptc\0\0")?;
            chunk(file, b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0")
        })
    }),
    ("2500 million dots in a PNG", Kind::Png, || png((50_000, 50_000), |_| Ok(()))),
    ("200 million dots in a PNG", Kind::Png, || png((20_000, 10_000), |_| Ok(()))),
    ("dots of 192 MiB in a PNG that has a hundred", Kind::Png, || png((10, 10), |_| Ok(()))),
    ("many pictures in a GIF", Kind::Gif, || gif((100, 100), &b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0".repeat(100_000))),
    ("one picture that is larger than its GIF", Kind::Gif, || gif((1, 1), b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0")),
    ("4000 million dots in a JPEG", Kind::Jpeg, || jpeg(0xc2, (65_500, 65_500), 0)),
    ("200 million dots in a JPEG that comes in parts", Kind::Jpeg, || jpeg(0xc2, (20_000, 10_000), 0)),
    ("a million parts in a JPEG", Kind::Jpeg, || jpeg(0xc0, (100, 100), 1_000_000)),
    ("a part of 4 GiB in a WebP", Kind::Webp, || {
        let parts = [&b"VP8X\x0a\0\0\0\x28\0\0\0\x63\0\0\x63\0\0"[..], b"ICCP\xf0\xff\xff\xff", b"EXIF\xf0\xff\xff\xff"].concat();
        written(&[&b"RIFF\xf0\xff\xff\xffWEBP"[..], &parts].concat())
    }),
];

/// All others.
pub const OTHERS: [Bomb; 9] = [
    ("192 MiB in an archive", Kind::Zip, || zip("zeros.txt", LARGE)),
    ("archives in an archive", Kind::Zip, || {
        let mut inner = Vec::new();
        let mut zeros = zip("zeros.txt", 8 << 20)?;
        zeros.rewind()?;
        zeros.read_to_end(&mut inner)?;
        entries(&(0..16).map(|n| (format!("{n}.txt"), inner.clone())).collect::<Vec<_>>())
    }),
    ("200 000 entries in an archive that says one", Kind::Zip, || many_entries(200_000, true)),
    ("200 000 entries in an archive with an end for each", Kind::Zip, || many_entries(200_000, false)),
    ("a billion laughs", Kind::Docx, || {
        let laughs: String = (0..20).map(|n| format!("<!ENTITY l{} \"{}\">", n + 1, format!("&l{n};").repeat(10))).collect();
        office(format!("<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY l0 \"lol\">{laughs}]><l>&l20;</l>").as_bytes())
    }),
    ("elements in elements, half a million deep", Kind::Docx, || office("<a>".repeat(500_000).as_bytes())),
    ("192 MiB in a document", Kind::Xlsx, || zip("xl/media/a.bin", LARGE)),
    ("objects without an end in a PDF", Kind::Pdf, || {
        let mut file = written(b"%PDF-1.7\n")?;
        (0..40_000).try_for_each(|n| writeln!(file, "{n} 0 obj <</Kids [{n} 0 R {n} 0 R]/Next {} 0 R>> endobj", n + 1))?;
        file.write_all(b"trailer <</Root 1 0 R /Prev 9>>\n%%EOF\n")?;
        Ok(file)
    }),
    ("10 MiB of Word before 2007 without a document", Kind::Doc, || {
        let mut file = written(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")?;
        (0..160).try_for_each(|_| file.write_all(&[b'W'; 64 << 10]))?;
        Ok(file)
    }),
];

/// How the process has grown at most while something is done, in MiB, and how long that took. Each test is a process of its own under
/// nextest, which is how they run here: the peak is that of the test alone.
pub fn cost<T>(done: impl FnOnce() -> T) -> (T, u64, Duration) {
    let (before, begun) = (peak(), Instant::now());
    let done = done();
    (done, peak() - before, begun.elapsed())
}

/// The most memory that this process ever had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") >> 10
}

fn written(bytes: &[u8]) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    Ok(file)
}

/// So many zeros, deflated, in a file.
fn zip(name: &str, zeros: u64) -> io::Result<File> {
    let mut zip = ZipWriter::new(tempfile::tempfile()?);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    if name.starts_with("xl/") {
        for main in ["[Content_Types].xml", "xl/workbook.xml"] {
            zip.start_file(main, options)?;
            zip.write_all(b"<a/>")?;
        }
    }
    zip.start_file(name, options)?;
    io::copy(&mut io::repeat(0).take(zeros), &mut zip)?;
    Ok(zip.finish()?)
}

fn entries(entries: &[(String, Vec<u8>)]) -> io::Result<File> {
    let mut zip = ZipWriter::new(tempfile::tempfile()?);
    for (name, bytes) in entries {
        zip.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?)
}

fn office(document: &[u8]) -> io::Result<File> {
    let types = b"<?xml version=\"1.0\"?><Types/>".to_vec();
    entries(&[("[Content_Types].xml".to_owned(), types), ("word/document.xml".to_owned(), document.to_vec())])
}

/// [`LARGE`] zeros as PNG packs them (RFC 1950).
fn deflated() -> io::Result<&'static [u8]> {
    static ONCE: OnceLock<Vec<u8>> = OnceLock::new();
    if let Some(all) = ONCE.get() {
        return Ok(all);
    }
    let (mut file, mut all) = (zip("a", LARGE)?, Vec::new());
    file.rewind()?;
    file.read_to_end(&mut all)?;
    let short = |at: usize| usize::from(u16::from_le_bytes([all[at], all[at + 1]]));
    let (start, end) = (30 + short(26) + short(28), all.windows(4).rposition(|four| four == b"PK\x01\x02").expect("a directory"));
    let sum = u32::try_from(LARGE % 65_521).expect("small") << 16 | 1;
    Ok(ONCE.get_or_init(|| [&b"\x78\x9c"[..], &all[start..end], &sum.to_be_bytes()].concat()))
}

fn png((width, height): (u32, u32), more: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<File> {
    let mut file = written(b"\x89PNG\r\n\x1a\n")?;
    plain(&mut file, b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat())?;
    more(&mut file)?;
    chunk(&mut file, b"IDAT", b"")?;
    plain(&mut file, b"IEND", b"")?;
    Ok(file)
}

fn chunk(file: &mut File, name: &[u8; 4], begins: &[u8]) -> io::Result<()> {
    plain(file, name, &[begins, deflated()?].concat())
}

fn plain(file: &mut File, name: &[u8; 4], content: &[u8]) -> io::Result<()> {
    let length = u32::try_from(content.len()).expect("short");
    let named = [name, content].concat();
    file.write_all(&[&length.to_be_bytes()[..], &named, &crc(&named).to_be_bytes()].concat())
}

fn gif((width, height): (u16, u16), pictures: &[u8]) -> io::Result<File> {
    let screen = [&b"GIF89a"[..], &width.to_le_bytes(), &height.to_le_bytes(), b"\x80\0\0\0\0\0\xff\xff\xff"].concat();
    written(&[&screen, pictures, b";"].concat())
}

fn jpeg(frame: u8, (width, height): (u16, u16), parts: usize) -> io::Result<File> {
    let mut file = written(b"\xff\xd8")?;
    for _ in 0..parts / 1000 {
        file.write_all(&b"\xff\xe2\0\x02".repeat(1000))?;
    }
    file.write_all(
        &[&[0xff, frame, 0, 17, 8][..], &height.to_be_bytes(), &width.to_be_bytes(), b"\x03\x01\x11\0\x02\x11\0\x03\x11\0"].concat(),
    )?;
    file.write_all(b"\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\x3f\0")?;
    file.write_all(&[0; 1000])?;
    file.write_all(b"\xff\xd9")?;
    Ok(file)
}

/// A directory of so many entries, which says that it has one: in numbers of 64 bits it says how many there are, or there are ends that
/// do before the last one.
fn many_entries(entries: u32, is_wide: bool) -> io::Result<File> {
    let mut file = written(b"PK\x03\x04")?;
    for n in 0..entries / 1000 {
        let some: Vec<u8> = (0..1000).flat_map(|m| entry(n * 1000 + m)).collect();
        file.write_all(&some)?;
    }
    let length = u32::try_from(file.stream_position()?).expect("short") - 4;
    if is_wide {
        let numbers = [u64::from(entries), u64::from(entries), length.into(), 4].map(u64::to_le_bytes).concat();
        file.write_all(&[&b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0\0\0\0\0\0\0\0\0"[..], &numbers].concat())?;
        file.write_all(&[&b"PK\x06\x07\0\0\0\0"[..], &u64::from(length + 4).to_le_bytes(), b"\x01\0\0\0"].concat())?;
        file.write_all(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2e\0\0\0\xff\xff\xff\xff\0\0")?;
        return Ok(file);
    }
    // Before one that nobody reads are those which everybody else would.
    let end = [&b"PK\x05\x06\0\0\0\0"[..], &[0x60, 0xea, 0x60, 0xea], &length.to_le_bytes(), &4_u32.to_le_bytes(), &[0, 0]].concat();
    (0..100).try_for_each(|_| file.write_all(&end))?;
    file.write_all(b"PK\x05\x06\x01\0\x01\0\x01\0\x01\0\x2e\0\0\0\x01\0\0\0\0\0")?;
    Ok(file)
}

/// What a directory says of an entry.
fn entry(n: u32) -> Vec<u8> {
    let name = format!("{n:08}.txt");
    let said =
        [&b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\x21\0"[..], &[0; 12], &[12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]].concat();
    [said, name.into_bytes()].concat()
}

/// The sum of a PNG's chunk (RFC 2083, 15).
pub fn crc(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 }))
}
