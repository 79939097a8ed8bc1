use std::io::{Cursor, Write};

use ::image::{DynamicImage, ImageFormat};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::*;
use crate::media::bombs::crc;

fn verdict(kind: Kind, bytes: &[u8]) -> &'static str {
    match judge(kind, &mut Cursor::new(bytes)) {
        Ok(_) => "taken",
        Err(Refusal::Blocked(_)) => "blocked",
        Err(Refusal::Mismatch(_)) => "mismatch",
        Err(Refusal::TooMuch) => "too much",
        Err(Refusal::Unread(error)) => panic!("{error}"),
    }
}

fn picture(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(40, 30).write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner()
}

/// An archive with these entries.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).expect("an entry");
        zip.write_all(bytes).expect("its bytes");
    }
    zip.finish().expect("an archive").into_inner()
}

fn office(main: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let part = b"<?xml version=\"1.0\"?><w:document/>";
    let mut entries = vec![("[Content_Types].xml", &b"<?xml version=\"1.0\"?><Types/>"[..]), (main, part)];
    entries.extend(more);
    archive(&entries)
}

fn pdf() -> Vec<u8> {
    b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n".to_vec()
}

fn with(mut bytes: Vec<u8>, more: &[u8]) -> Vec<u8> {
    bytes.extend_from_slice(more);
    bytes
}

fn ole(name: &str) -> Vec<u8> {
    let name: Vec<u8> = name.bytes().flat_map(|b| [b, 0]).collect();
    with(with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), &[0; 600]), &name)
}

fn boxed(brand: &[u8; 4]) -> Vec<u8> {
    with(with(b"\0\0\0\x18ftyp".to_vec(), brand), &[0; 12])
}

#[test]
fn what_is_what_its_name_says_is_taken() {
    for (kind, bytes) in [
        (Kind::Jpeg, picture(ImageFormat::Jpeg)),
        (Kind::Png, picture(ImageFormat::Png)),
        (Kind::Gif, picture(ImageFormat::Gif)),
        (Kind::Webp, picture(ImageFormat::WebP)),
        (Kind::Jpeg, with(picture(ImageFormat::Jpeg), &picture(ImageFormat::Jpeg))),
        (Kind::Pdf, pdf()),
        (Kind::Doc, ole("WordDocument")),
        (Kind::Docx, office("word/document.xml", &[])),
        (Kind::Xlsx, office("xl/workbook.xml", &[])),
        (Kind::Csv, b"a;b\n1;2\n".to_vec()),
        (Kind::Text, "Été, 中文 \u{1f600}\r\n".into()),
        (Kind::Text, b"\xff\xfeh\0i\0".to_vec()),
        (Kind::Text, b"caf\xe9".to_vec()),
        (Kind::Text, b"\x1b[31mERROR\x1b[0m 1 < 2".to_vec()),
        (Kind::Zip, archive(&[("a/readme.txt", b"hello"), ("b.docx", b"PK\x03\x04")])),
        (Kind::Mp4, boxed(b"isom")),
        (Kind::Mov, boxed(b"qt  ")),
        (Kind::Heic, boxed(b"heic")),
        (Kind::Mp3, b"ID3\x04".to_vec()),
        (Kind::Mp3, b"\xff\xfb\x90\x64".to_vec()),
        (Kind::Wav, b"RIFF\0\0\0\0WAVEfmt ".to_vec()),
        (Kind::Aac, b"\xff\xf1\x50\x80".to_vec()),
        (Kind::Ogg, b"OggS\0".to_vec()),
        (Kind::Other, b"whatever this is".to_vec()),
    ] {
        assert_eq!(verdict(kind, &bytes), "taken", "{kind:?}");
    }
}

#[test]
fn the_size_of_an_image_is_learned() {
    for (kind, format) in
        [(Kind::Jpeg, ImageFormat::Jpeg), (Kind::Png, ImageFormat::Png), (Kind::Gif, ImageFormat::Gif), (Kind::Webp, ImageFormat::WebP)]
    {
        let learned = judge(kind, &mut Cursor::new(picture(format))).expect("an image");
        assert_eq!(learned.size, Some((40, 30)), "{kind:?}");
    }
}

#[test]
fn what_is_another_thing_than_its_name_says_is_refused() {
    let zip = archive(&[("a.txt", b"hello")]);
    for (kind, bytes) in [
        (Kind::Png, picture(ImageFormat::Jpeg)),
        (Kind::Jpeg, picture(ImageFormat::Gif)),
        (Kind::Webp, b"RIFF\0\0\0\0WAVEfmt ".to_vec()),
        (Kind::Png, pdf()),
        (Kind::Pdf, picture(ImageFormat::Png)),
        (Kind::Text, picture(ImageFormat::Png)),
        (Kind::Csv, zip.clone()),
        (Kind::Docx, zip.clone()),
        (Kind::Docx, office("xl/workbook.xml", &[])),
        (Kind::Doc, ole("Workbook")),
        (Kind::Doc, office("word/document.xml", &[])),
        (Kind::Zip, pdf()),
        (Kind::Mp4, boxed(b"qt  ")),
        (Kind::Mp4, boxed(b"heic")),
        (Kind::Mov, boxed(b"isom")),
        (Kind::Mp3, b"OggS".to_vec()),
        (Kind::Other, pdf()),
        (Kind::Other, zip.clone()),
        // Two things at once.
        (Kind::Gif, with(picture(ImageFormat::Gif), &zip)),
        (Kind::Png, with(picture(ImageFormat::Png), &zip)),
        (Kind::Pdf, with(pdf(), &zip)),
        (Kind::Pdf, b"%PDF-1.4\n<html><script>alert(1)</script>\n%%EOF".to_vec()),
        (Kind::Gif, b"GIF89a/*<script>alert(1)</script>*/=1;".to_vec()),
        // Cut, empty, or no more than a head.
        (Kind::Png, picture(ImageFormat::Png)[..50].to_vec()),
        (Kind::Jpeg, picture(ImageFormat::Jpeg)[..50].to_vec()),
        (Kind::Pdf, b"%PDF-1.7\n1 0 obj".to_vec()),
        (Kind::Zip, zip[..zip.len() - 30].to_vec()),
        (Kind::Zip, with(zip.clone(), b"more")),
        (Kind::Zip, archive(&[])),
        (Kind::Docx, office("word/document.xml", &[("word/x.xml", b"")])),
        (Kind::Text, Vec::new()),
        (Kind::Png, Vec::new()),
    ] {
        assert_eq!(verdict(kind, &bytes), "mismatch", "{kind:?} {:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(40)]));
    }
}

#[test]
fn a_script_that_begins_as_an_image_is_none() {
    assert_ne!(verdict(Kind::Gif, b"GIF89a=1;alert(1)//"), "taken");
    assert_ne!(verdict(Kind::Gif, &with(b"GIF89a".to_vec(), &b"/*".repeat(600))), "taken");
}

#[test]
fn what_runs_is_refused_whatever_it_is_called() {
    let programs: [&[u8]; 14] = [
        b"MZ\x90\0",
        b"\x7fELF\x02",
        b"#!/bin/sh\nrm -rf /",
        b"<?php system($_GET[0]);",
        b"some text <?php system($_GET[0]);",
        b"\xca\xfe\xba\xbe\0",
        b"<!DOCTYPE html><p>",
        b"  \n<HTML><script>",
        b"\xef\xbb\xbf<svg onload=alert(1)>",
        b"<?xml version='1.0'?><!-- x --><svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xfe<\0s\0c\0r\0i\0p\0t\0",
        b"MIME-Version: 1.0\nContent-Type: text/html",
        b"L\0\0\0\x01\x14\x02\0",
        b"\0asm\x01",
    ];
    for kind in [Kind::Text, Kind::Other, Kind::Png, Kind::Mp4, Kind::Zip, Kind::Pdf] {
        for program in programs {
            assert_eq!(verdict(kind, program), "blocked", "{kind:?} {:?}", String::from_utf8_lossy(program));
        }
    }
    let disk = with(with(vec![b' '; 0x8001], b"CD001"), &[b' '; 2048]);
    let image = with(vec![b' '; 4096], &with(b"koly".to_vec(), &[b' '; 508]));
    assert_eq!((verdict(Kind::Text, &disk), verdict(Kind::Other, &image)), ("blocked", "blocked"));
}

#[test]
fn an_archive_holds_nothing_that_nobody_may_send() {
    for name in ["run.exe", "a/b/run.sh", "invoice.exe.pdf", "x.svg", "run.e\u{200b}xe", "../out.txt", "a\\b.txt", "c:x.txt"] {
        assert_eq!(verdict(Kind::Zip, &archive(&[(name, b"hello")])), "blocked", "{name}");
    }
    // Whoever writes archives as they should be written makes no such names.
    let rooted: Vec<u8> = archive(&[("~etc/passwd", b"hello")]).iter().map(|byte| if *byte == b'~' { b'/' } else { *byte }).collect();
    assert_eq!(verdict(Kind::Zip, &rooted), "blocked");
    let inner = archive(&[("a.txt", b"hello")]);
    assert_eq!(verdict(Kind::Zip, &archive(&[("inner.zip", &inner)])), "blocked");
    assert_eq!(verdict(Kind::Zip, &archive(&[("renamed.txt", &inner)])), "blocked");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).expect("a link");
    assert_eq!(verdict(Kind::Zip, &zip.finish().expect("an archive").into_inner()), "blocked");
    let mut sealed = archive(&[("a.txt", b"hello")]);
    let directory = sealed.windows(4).rposition(|four| four == b"PK\x01\x02").expect("a directory");
    (sealed[6], sealed[directory + 8]) = (1, 1);
    assert_eq!(verdict(Kind::Zip, &sealed), "blocked");
}

#[test]
fn an_archive_in_an_archive_is_found_by_its_first_bytes_whatever_it_is_called_and_however_it_is_packed() {
    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let inner = archive(&[("a.txt", b"hello")]);
    let packed: [&[u8]; 12] = [
        &inner,
        &archive(&[]),
        &tar,
        b"Rar!\x1a\x07\x01\0",
        b"7z\xbc\xaf\x27\x1c\0\x04",
        b"\x1f\x8b\x08\0",
        b"BZh91AY&SY\0",
        b"\xfd7zXZ\0\0\x04",
        b"\x28\xb5\x2f\xfd\x04",
        b"LZIP\x01\x0c",
        b"]\0\0\x80\0",
        b"MSCF\0\0\0\0",
    ];
    for inner in packed {
        for name in ["renamed.txt", "renamed"] {
            assert_eq!(verdict(Kind::Zip, &archive(&[(name, inner)])), "blocked", "{name} {:?}", &inner[..4]);
        }
        assert_eq!(verdict(Kind::Zip, &in_blocks_of_one(inner)), "blocked", "{:?}", &inner[..4]);
    }
    // A document is one that we would take by itself.
    assert_eq!(verdict(Kind::Zip, &archive(&[("a.docx", b"Rar!\x1a\x07\x01\0")])), "blocked");
    for plain in [&b"BZh is how it begins"[..], b"PK", b"", b"7zip is a program", &[b'x'; 300]] {
        assert_eq!(verdict(Kind::Zip, &archive(&[("a.txt", plain)])), "taken", "{:?}", String::from_utf8_lossy(plain));
    }
}

/// An archive with one entry, whose first bytes come one at a time: each is a stored block of its own (RFC 1951, 3.2.4).
fn in_blocks_of_one(bytes: &[u8]) -> Vec<u8> {
    let (first, rest) = bytes.split_at(3);
    let block = |is_last: bool, some: &[u8]| {
        let length = u16::try_from(some.len()).expect("short");
        [&[u8::from(is_last)][..], &length.to_le_bytes(), &(!length).to_le_bytes(), some].concat()
    };
    let mut deflated: Vec<u8> = first.iter().flat_map(|byte| block(false, &[*byte])).collect();
    deflated.extend(block(true, rest));
    let (packed, whole) = (u32::try_from(deflated.len()).expect("short"), u32::try_from(bytes.len()).expect("short"));
    let said = [crc(bytes), packed, whole].map(u32::to_le_bytes).concat();
    let said = [&[20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0][..], &said, &[1, 0, 0, 0]].concat();
    let local = [&b"PK\x03\x04"[..], &said, b"a", &deflated].concat();
    let central = [&b"PK\x01\x02\x14\0"[..], &said, &[0; 14], b"a"].concat();
    let (start, length) = (u32::try_from(local.len()).expect("short"), u32::try_from(central.len()).expect("short"));
    let end = [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &length.to_le_bytes(), &start.to_le_bytes(), &[0, 0]].concat();
    [local, central, end].concat()
}

#[test]
fn an_archive_has_one_directory_and_that_is_counted_before_it_is_read() {
    let plain = archive(&[("a.txt", b"hello")]);
    let end = plain.len() - 22;
    let changed = |at: usize, bytes: &[u8]| {
        let mut changed = plain.clone();
        changed[end + at..end + at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    let many: Vec<String> = (0..2100).map(|n| format!("{n}.txt")).collect();
    let many = archive(&many.iter().map(|name| (name.as_str(), &b"x"[..])).collect::<Vec<_>>());
    // The end of one entry behind the directory of many.
    let behind = with(many.clone(), &plain[end..]);
    for (what, bytes, expected) in [
        ("numbers of 64 bits by the offset", changed(16, &[0xff; 4]), "too much"),
        ("numbers of 64 bits by the entries", changed(8, &[0xff; 4]), "too much"),
        ("several disks", changed(4, &[1, 0]), "mismatch"),
        ("fewer entries on this disk", changed(8, &[0, 0]), "mismatch"),
        ("a directory elsewhere", changed(16, &[1, 0, 0, 0]), "mismatch"),
        ("a directory that is none", changed(12, &[1, 0, 0, 0]), "mismatch"),
        ("more entries than there are", changed(8, &[9, 0, 9, 0]), "mismatch"),
        ("another end behind it", behind, "mismatch"),
        ("wide numbers", wide(&plain), "too much"),
        ("wide numbers of many", wide(&many), "too much"),
    ] {
        assert_eq!(verdict(Kind::Zip, &bytes), expected, "{what}");
    }
}

#[test]
fn what_stands_before_an_entry_says_the_same_as_the_directory() {
    let plain = archive(&[("note.txt", b"hello")]);
    let directory = plain.windows(4).position(|four| four == b"PK\x01\x02").expect("a directory");
    let changed = |places: &[(usize, &[u8])]| {
        let mut changed = plain.clone();
        for (at, bytes) in places {
            changed[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        changed
    };
    for (what, bytes, expected) in [
        ("as it is", plain.clone(), "taken"),
        ("another name", changed(&[(30, b"run.exe_")]), "blocked"),
        ("a longer name", changed(&[(26, &[9, 0])]), "mismatch"),
        ("encrypted there alone", changed(&[(6, &[plain[6] | 1])]), "blocked"),
        ("packed in a way that nobody knows here", changed(&[(8, &[14, 0]), (directory + 10, &[14, 0])]), "blocked"),
        ("encrypted as others do it", changed(&[(8, &[99, 0]), (directory + 10, &[99, 0])]), "blocked"),
    ] {
        assert_eq!(verdict(Kind::Zip, &bytes), expected, "{what}");
    }
}

#[test]
fn what_runs_is_found_in_archives_and_documents_too() {
    let link = |to: &str| format!(r#"<Relationships><Relationship Id="r1" Type="x/attachedTemplate" Target="{to}"/></Relationships>"#);
    let (far, near, share) = (link("https://evil.example/t.dotx"), link("file:///C:/Templates/t.dotx"), link(r"\\evil.example\t.dotx"));
    let macros = br#"<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>"#;
    for (what, kind, bytes, expected) in [
        ("a program by another name", Kind::Zip, archive(&[("a.txt", b"MZ\x90\0 and so on")]), "blocked"),
        ("a document with macros", Kind::Zip, archive(&[("a.docm", b"PK")]), "blocked"),
        ("a program in a document", Kind::Docx, office("word/document.xml", &[("word/embeddings/x.bin", b"MZ\x90\0")]), "blocked"),
        (
            "macros by another name",
            Kind::Docx,
            office("word/document.xml", &[("word/_rels/document.xml.rels", b"<a Type='x/vbaProject'/>")]),
            "blocked",
        ),
        ("a main part with macros", Kind::Docx, office("word/document.xml", &[("x/_rels/.rels", macros)]), "blocked"),
        (
            "a template from elsewhere",
            Kind::Docx,
            office("word/document.xml", &[("word/_rels/settings.xml.rels", far.as_bytes())]),
            "blocked",
        ),
        (
            "a template of another machine",
            Kind::Docx,
            office("word/document.xml", &[("word/_rels/settings.xml.rels", share.as_bytes())]),
            "blocked",
        ),
        ("a template of one's own", Kind::Docx, office("word/document.xml", &[("word/_rels/settings.xml.rels", near.as_bytes())]), "taken"),
    ] {
        assert_eq!(verdict(kind, &bytes), expected, "{what}");
    }
}

/// The same archive with its numbers in 64 bits (APPNOTE, 4.3.14 and 4.3.15).
fn wide(archive: &[u8]) -> Vec<u8> {
    let (front, end) = archive.split_at(archive.len() - 22);
    let number = |at: usize, bytes: usize| end[at..at + bytes].iter().rev().fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
    let (entries, directory, start) = (number(10, 2), number(12, 4), number(16, 4));
    let record = [&b"PK\x06\x06"[..], &44_u64.to_le_bytes(), &[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]].concat();
    let numbers = [entries, entries, directory, start].map(u64::to_le_bytes).concat();
    let locator = [&b"PK\x06\x07\0\0\0\0"[..], &(front.len() as u64).to_le_bytes(), &[1, 0, 0, 0]].concat();
    let end = [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &directory.to_le_bytes()[..4], &[0xff; 4], &[0, 0]].concat();
    [front, &record, &numbers, &locator, &end].concat()
}

#[test]
fn a_document_has_no_macros_and_declares_no_entities() {
    let bomb = b"<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\">]><lolz>&lol;</lolz>";
    assert_eq!(verdict(Kind::Docx, &office("word/document.xml", &[("word/vbaProject.bin", b"x")])), "blocked");
    assert_eq!(verdict(Kind::Docx, &office("word/document.xml", &[("word/styles.xml", bomb)])), "blocked");
    let late = [&b"<?xml version=\"1.0\"?><!--"[..], &[b' '; 70_000], b"--><!DOCTYPE lolz []><lolz/>"].concat();
    assert_eq!(verdict(Kind::Xlsx, &office("xl/workbook.xml", &[("xl/late.xml", &late)])), "mismatch");
}

#[test]
fn bombs_are_counted_while_they_are_unpacked() {
    let zeros = vec![0; 30 << 20];
    assert_eq!(verdict(Kind::Zip, &archive(&[("zeros.txt", &zeros)])), "too much");
    assert_eq!(verdict(Kind::Docx, &office("word/document.xml", &[("word/media/a.bin", &zeros)])), "too much");
    let many: Vec<String> = (0..2100).map(|n| format!("{n}.txt")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    assert_eq!(verdict(Kind::Zip, &archive(&many)), "too much");
    // One entry says that it is short, and is not.
    let mut lies = archive(&[("a.txt", &zeros)]);
    let directory = lies.windows(4).rposition(|four| four == b"PK\x01\x02").expect("a directory");
    lies[directory + 24..directory + 28].copy_from_slice(&5_u32.to_le_bytes());
    assert!(["too much", "mismatch"].contains(&verdict(Kind::Zip, &lies)));
}

#[test]
fn a_flood_of_dots_is_seen_in_the_head() {
    let mut flood = picture(ImageFormat::Png);
    flood[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
    let sum = crc(&flood[12..29]);
    flood[29..33].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(verdict(Kind::Png, &flood), "too much");
    let mut gif = picture(ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    assert_eq!(verdict(Kind::Gif, &gif), "too much");
}
