//! Small pictures: a picture is unpacked within bounds, turned as it was held, scaled and written anew. What is written is made of
//! dots alone, so nothing else of the picture is in it.

use std::io::{BufRead, Seek};

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, metadata::Orientation};

use super::{
    exif::{self, Kept},
    likeness::likeness,
};

/// Dots of the longer side of a preview.
pub const SIDE: u32 = 640;
/// Dots of the largest picture that is drawn, and bytes of those: four for each, or eight of half as many.
const MOST_DOTS: u64 = 50_000_000;
const MOST_BYTES: u64 = 256 << 20;
/// How much of a picture is kept, of 100.
const QUALITY: f32 = 75.0;

/// What was made of a picture.
#[derive(Debug)]
pub struct Drawn {
    /// The preview, WebP.
    pub webp: Vec<u8>,
    /// What the camera wrote.
    pub exif: Option<Kept>,
    /// What it looks like.
    pub phash: Option<i64>,
}

/// It is no picture, or one that is too large: it never will be one.
#[derive(Debug, PartialEq, Eq)]
pub struct Undrawable;

/// Draws a picture small.
pub fn draw(format: ImageFormat, file: impl BufRead + Seek) -> Result<Drawn, Undrawable> {
    let mut reader = ImageReader::with_format(file, format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| Undrawable)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_DOTS || decoder.total_bytes() > MOST_BYTES {
        return Err(Undrawable);
    }
    let written = decoder.exif_metadata().ok().flatten();
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let whole = DynamicImage::from_decoder(decoder).map_err(|_| Undrawable)?;
    let mut small = if width > SIDE || height > SIDE { whole.thumbnail(SIDE, SIDE) } else { whole };
    small.apply_orientation(turned);
    Ok(Drawn { webp: webp(&small)?, phash: likeness(&small), exif: written.and_then(exif::read) })
}

fn webp(picture: &DynamicImage) -> Result<Vec<u8>, Undrawable> {
    let (width, height) = (picture.width(), picture.height());
    let written = if picture.color().has_alpha() {
        webp::Encoder::from_rgba(picture.to_rgba8().as_raw(), width, height).encode_simple(false, QUALITY)
    } else {
        webp::Encoder::from_rgb(picture.to_rgb8().as_raw(), width, height).encode_simple(false, QUALITY)
    };
    written.map(|bytes| bytes.to_vec()).map_err(|_| Undrawable)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{Rgb, RgbImage};

    use super::*;

    fn saved(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 7]));
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::from(picture).write_to(&mut bytes, format).expect("written");
        bytes.into_inner()
    }

    #[test]
    fn pictures_are_drawn_within_a_square() {
        for (format, size, expected) in [
            (ImageFormat::Jpeg, (1280, 320), (640, 160)),
            (ImageFormat::Png, (100, 50), (100, 50)),
            (ImageFormat::Gif, (641, 1282), (320, 640)),
            (ImageFormat::WebP, (2000, 1), (640, 1)),
        ] {
            let drawn = draw(format, Cursor::new(saved(size.0, size.1, format))).expect("drawn");
            let small = image::load_from_memory_with_format(&drawn.webp, ImageFormat::WebP).expect("WebP");
            assert_eq!((small.width(), small.height()), expected, "{format:?}");
        }
    }

    #[test]
    fn what_is_broken_is_no_picture() {
        let whole = saved(200, 200, ImageFormat::Png);
        let mut bent = whole.clone();
        let middle = bent.len() / 2;
        bent[middle..middle + 8].fill(0xff);
        for bytes in [vec![], whole[..60].to_vec(), bent, saved(9, 9, ImageFormat::Gif)] {
            assert_eq!(draw(ImageFormat::Png, Cursor::new(bytes)).err(), Some(Undrawable));
        }
    }

    #[test]
    fn what_would_need_too_much_memory_is_not_unpacked() {
        // One dot on a canvas of so many: its head alone says how large that is.
        let mut flood = saved(1, 1, ImageFormat::Gif);
        for (side, drawn) in [(7000_u16, true), (8000, false)] {
            flood[6..10].copy_from_slice(&[side.to_le_bytes(), 7000_u16.to_le_bytes()].concat());
            assert_eq!(draw(ImageFormat::Gif, Cursor::new(&flood)).is_ok(), drawn, "{side}");
        }
    }
}
