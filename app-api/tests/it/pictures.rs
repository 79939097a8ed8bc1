//! Pictures and documents as people send them, made by hand.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// A picture with a light left half above a dark one, and a red corner at its top left, with spots that `seed` makes.
pub fn picture(seed: u32, width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| {
        if x < width / 4 && y < height / 4 {
            return Rgb([255, 0, 0]);
        }
        let (column, row) = (x * 9 / width, y * 8 / height);
        let noise = (column * 31 + row * 17 + 1).wrapping_mul(seed.wrapping_mul(2_654_435_761) | 1) >> 13;
        Rgb([(noise % 200) as u8, (noise % 190) as u8, (noise % 180) as u8])
    })
    .into()
}

/// The same, saved.
pub fn saved(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("written");
    bytes.into_inner()
}

/// A JPEG of a camera that was held upright (orientation 6) at 48.5° N, 2.25° W.
pub fn photo(seed: u32) -> Vec<u8> {
    let jpeg = saved(&picture(seed, 1200, 600), ImageFormat::Jpeg);
    let exif = [b"Exif\0\0".to_vec(), camera()].concat();
    let mut photo = jpeg[..2].to_vec();
    photo.extend([0xff, 0xe1]);
    photo.extend(u16::try_from(exif.len() + 2).expect("short").to_be_bytes());
    photo.extend(exif);
    photo.extend(&jpeg[2..]);
    photo
}

/// What the camera writes (TIFF, big end first): its make, how it was held, and where it was.
fn camera() -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [tag.to_be_bytes().to_vec(), kind.to_be_bytes().to_vec(), count.to_be_bytes().to_vec(), value.to_vec()].concat()
    };
    let at = |offset: u32| offset.to_be_bytes();
    let (first, gps) = (8 + 2 + 3 * 12 + 4, 8 + 2 + 3 * 12 + 4 + 8);
    let places = gps + 2 + 4 * 12 + 4;
    let numbers = |parts: [u32; 3]| parts.iter().flat_map(|part| [part.to_be_bytes(), 1_u32.to_be_bytes()].concat()).collect::<Vec<u8>>();
    [
        b"MM\0*\0\0\0\x08\0\x03".to_vec(),
        entry(0x010f, 2, 8, at(first)),
        entry(0x0112, 3, 1, [0, 6, 0, 0]),
        entry(0x8825, 4, 1, at(gps)),
        at(0).to_vec(),
        b"Fotofix\0".to_vec(),
        b"\0\x04".to_vec(),
        entry(1, 2, 2, *b"N\0\0\0"),
        entry(2, 5, 3, at(places)),
        entry(3, 2, 2, *b"W\0\0\0"),
        entry(4, 5, 3, at(places + 24)),
        at(0).to_vec(),
        numbers([48, 30, 0]),
        numbers([2, 15, 0]),
    ]
    .concat()
}

/// A document of one empty page, twice as high as wide.
pub fn document() -> Vec<u8> {
    let mut pdf = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (n, object) in [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 400] /Resources << >> >>",
    ]
    .iter()
    .enumerate()
    {
        places.push(pdf.len());
        pdf.extend(format!("{} 0 obj\n{object}\nendobj\n", n + 1).into_bytes());
    }
    let begins = pdf.len();
    pdf.extend(b"xref\n0 4\n0000000000 65535 f \n");
    places.iter().for_each(|place| pdf.extend(format!("{place:010} 00000 n \n").into_bytes()));
    pdf.extend(format!("trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{begins}\n%%EOF\n").into_bytes());
    pdf
}
