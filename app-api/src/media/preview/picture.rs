//! Small pictures: a picture is unpacked within bounds, turned as it was held, scaled and written anew. What is written is made of
//! dots alone, so nothing else of the picture is in it.

use std::io::{BufRead, Seek, SeekFrom};

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, Limits,
    codecs::{gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder},
    metadata::Orientation,
};

use super::{
    exif::{self, Kept},
    likeness::likeness,
};
use crate::media::judge as head;

/// Dots of the longer side of a preview.
pub const SIDE: u32 = 640;
/// Dots of the largest picture that is drawn, for the time that it takes.
const MOST_DOTS: u64 = 50_000_000;
/// Bytes of its dots with all that is kept beside them until they are there: one picture more and all that comes with it is within
/// 128 MiB. A photo (JPEG) has at most 33 million dots then, one that comes in parts 11 to 16 million; a PNG 33, with an opacity 25
/// million; a WebP 14 and 10, a GIF 12 million.
const MOST_BYTES: u64 = 96 << 20;
/// Bytes of what a picture says besides its dots: its colours, its camera, texts.
const MOST_SAID: u64 = 8 << 20;
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

impl From<ImageError> for Undrawable {
    fn from(_: ImageError) -> Self {
        Self
    }
}

impl From<std::io::Error> for Undrawable {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

/// Draws a picture small.
pub fn draw(format: ImageFormat, file: impl BufRead + Seek) -> Result<Drawn, Undrawable> {
    let mut decoder = opened(format, file)?;
    let (width, height) = decoder.dimensions();
    let exif = decoder.exif_metadata().ok().flatten();
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let whole = DynamicImage::from_decoder(decoder)?;
    let mut small = if width > SIDE || height > SIDE { whole.thumbnail(SIDE, SIDE) } else { whole };
    small.apply_orientation(turned);
    Ok(Drawn { webp: written(&small)?, phash: likeness(&small), exif: exif.and_then(exif::read) })
}

/// A picture that may be unpacked: it and what its unpacking takes are within the bounds. No decoder keeps such bounds by itself.
fn opened<'a>(format: ImageFormat, file: impl BufRead + Seek + 'a) -> Result<Box<dyn ImageDecoder + 'a>, Undrawable> {
    let (decoder, beside) = match format {
        ImageFormat::Jpeg => jpeg(file)?,
        ImageFormat::Png => png(file)?,
        ImageFormat::Gif => gif(file)?,
        ImageFormat::WebP => webp(file)?,
        _ => return Err(Undrawable),
    };
    let fits = dots(&*decoder) <= MOST_DOTS && decoder.total_bytes() + beside <= MOST_BYTES;
    if fits { Ok(decoder) } else { Err(Undrawable) }
}

/// A picture, and how many bytes unpacking it keeps beside its dots.
type Opened<'a> = Result<(Box<dyn ImageDecoder + 'a>, u64), Undrawable>;

/// The file itself is kept, too: one that is longer than all that there is room for is not even read.
fn jpeg<'a>(mut file: impl BufRead + Seek + 'a) -> Opened<'a> {
    let frame = head::jpeg::frame(&mut file).map_err(|_| Undrawable)?;
    let beside = frame.beside + file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    if beside > MOST_BYTES { Err(Undrawable) } else { Ok((Box::new(JpegDecoder::new(file)?), beside)) }
}

/// Colours and texts are unpacked as soon as they are read: those bounds are for them alone.
fn png<'a>(file: impl BufRead + Seek + 'a) -> Opened<'a> {
    Ok((Box::new(PngDecoder::with_limits(file, at_most(MOST_SAID))?), 0))
}

/// What is shown is unpacked by itself before it comes onto the screen, with four bytes for a dot as there.
fn gif<'a>(file: impl BufRead + Seek + 'a) -> Opened<'a> {
    let mut decoder = GifDecoder::new(file)?;
    decoder.set_limits(at_most(MOST_BYTES / 2))?;
    let beside = decoder.total_bytes();
    Ok((Box::new(decoder), beside))
}

/// A head that lies is found here: whoever unpacks it believes it.
fn webp<'a>(mut file: impl BufRead + Seek + 'a) -> Opened<'a> {
    let length = file.seek(SeekFrom::End(0))?;
    head::webp::size(&mut file, length).map_err(|_| Undrawable)?;
    file.rewind()?;
    let decoder = WebPDecoder::new(file)?;
    // Light and two colours, or the same dots with an opacity; of one that moves the screen and what is shown on it.
    let each = match (decoder.has_animation(), decoder.color_type().has_alpha()) {
        (true, _) => 9,
        (false, true) => 6,
        (false, false) => 4,
    };
    let beside = dots(&decoder) * each + length;
    Ok((Box::new(decoder), beside))
}

fn dots(picture: &(impl ImageDecoder + ?Sized)) -> u64 {
    let (width, height) = picture.dimensions();
    u64::from(width) * u64::from(height)
}

fn at_most(bytes: u64) -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(bytes);
    limits
}

fn written(picture: &DynamicImage) -> Result<Vec<u8>, Undrawable> {
    let (width, height) = (picture.width(), picture.height());
    let bytes = if picture.color().has_alpha() {
        webp::Encoder::from_rgba(picture.to_rgba8().as_raw(), width, height).encode_simple(false, QUALITY)
    } else {
        webp::Encoder::from_rgb(picture.to_rgb8().as_raw(), width, height).encode_simple(false, QUALITY)
    };
    bytes.map(|bytes| bytes.to_vec()).map_err(|_| Undrawable)
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
        for (side, drawn) in [(3500_u16, true), (4000, false)] {
            flood[6..10].copy_from_slice(&[side.to_le_bytes(), 3500_u16.to_le_bytes()].concat());
            assert_eq!(draw(ImageFormat::Gif, Cursor::new(&flood)).is_ok(), drawn, "{side}");
        }
    }

    #[test]
    fn a_picture_that_comes_in_parts_may_have_fewer_dots() {
        let mut photo = saved(16, 16, ImageFormat::Jpeg);
        let at = photo.windows(2).position(|two| two == b"\xff\xc0").expect("a frame");
        for (marker, (width, height), fits) in
            [(0xc0, (7000_u16, 4500_u16), true), (0xc0, (7000, 5000), false), (0xc2, (3300, 3300), true), (0xc2, (7000, 4500), false)]
        {
            photo[at + 1] = marker;
            photo[at + 5..at + 9].copy_from_slice(&[height.to_be_bytes(), width.to_be_bytes()].concat());
            assert_eq!(opened(ImageFormat::Jpeg, Cursor::new(&photo)).is_ok(), fits, "{marker:x} {width} by {height}");
        }
    }
}
