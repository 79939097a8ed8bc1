//! Pictures that were made to break whoever unpacks them: each is drawn or not in a few seconds, and within the memory of one picture.

use std::{
    io::{BufReader, Seek},
    time::Duration,
};

use image::ImageFormat;

use super::picture::draw;
use crate::media::{
    bombs::{PICTURES, cost},
    kind::Kind,
};

/// MiB that the process may grow by.
const MOST: u64 = 128;

fn format(kind: Kind) -> ImageFormat {
    ImageFormat::from_mime_type(kind.mime()).expect("a picture")
}

#[test]
fn a_picture_that_was_made_to_break_us_needs_no_more_memory_than_others() {
    let mut all = 0;
    for (what, kind, made) in PICTURES {
        let mut file = made().expect(what);
        file.rewind().expect("rewound");
        let (_, grown, took) = cost(|| draw(format(kind), BufReader::new(file)).is_ok());
        all += grown;
        assert!(all < MOST && took < Duration::from_secs(5), "{what}: {all} MiB, {took:?}");
    }
}
