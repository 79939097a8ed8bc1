use std::io::{Cursor, Write};

use ::image::{DynamicImage, ImageFormat};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::*;

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

/// The sum of a PNG's chunk (RFC 2083, 15).
fn crc(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 }))
}
