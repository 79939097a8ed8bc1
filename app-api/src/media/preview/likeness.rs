//! What a picture looks like in 64 signs: in a grid of nine by eight, whether each place is darker than the one to its
//! right. Another size, another quality, another format change few of them.

use image::{DynamicImage, imageops::FilterType};

/// So many signs at most are another way in the same picture, saved anew.
pub const NEAR: u32 = 6;
/// A picture with fewer signs of one sort is a plain area or a shade, as many are: it is like none.
const TELLING: u32 = 6;

/// The signs of a picture; none where they tell nothing.
pub fn likeness(picture: &DynamicImage) -> Option<i64> {
    // In two steps: the first one averages whatever there is, the second is fine enough for so few places.
    let small = picture.thumbnail_exact(144, 128).to_luma8();
    let grid = image::imageops::resize(&small, 9, 8, FilterType::Triangle);
    let mut signs = 0_u64;
    for y in 0..8 {
        for x in 0..8 {
            signs = signs << 1 | u64::from(grid.get_pixel(x, y).0 < grid.get_pixel(x + 1, y).0);
        }
    }
    (TELLING..=64 - TELLING).contains(&signs.count_ones()).then_some(signs.cast_signed())
}

/// How many signs of two pictures differ.
#[cfg(test)]
fn distance(one: i64, other: i64) -> u32 {
    (one ^ other).count_ones()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Rgb, RgbImage};

    use super::*;

    /// A picture that `seed` makes: areas of light of their own, here and there.
    fn picture(seed: u64, width: u32, height: u32) -> DynamicImage {
        let light = |x: u32, y: u32| {
            let place = u64::from(x * 10 / width * 16 + y * 9 / height) + (seed << 16);
            let mixed = (place ^ place >> 7).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            ((mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 56) as u8
        };
        RgbImage::from_fn(width, height, |x, y| Rgb([light(x, y), light(x, y) / 2, 40])).into()
    }

    fn saved_as(picture: &DynamicImage, format: ImageFormat) -> DynamicImage {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).expect("written");
        image::load_from_memory(bytes.get_ref()).expect("read")
    }

    #[test]
    fn the_same_picture_in_another_size_or_format_is_near_and_another_is_not() {
        let first = picture(1, 640, 480);
        let signs = likeness(&first).expect("it tells something");
        for (what, other) in [
            ("smaller", picture(1, 200, 150)),
            ("larger", picture(1, 1300, 975)),
            ("as JPEG", saved_as(&first, ImageFormat::Jpeg)),
            ("as a small JPEG", saved_as(&first.thumbnail(300, 300), ImageFormat::Jpeg)),
            ("brighter", first.brighten(10)),
        ] {
            let far = distance(signs, likeness(&other).expect(what));
            assert!(far <= NEAR, "{what}: {far}");
        }
        for seed in 2..30 {
            let far = likeness(&picture(seed, 640, 480)).map_or(64, |other| distance(signs, other));
            assert!(far > NEAR, "{seed}: {far}");
        }
    }

    #[test]
    fn plain_areas_and_shades_are_like_nothing() {
        let plain = RgbImage::from_pixel(300, 200, Rgb([9, 9, 9])).into();
        let shade = RgbImage::from_fn(256, 256, |x, _| Rgb([x as u8; 3])).into();
        assert_eq!((likeness(&plain), likeness(&shade)), (None, None));
    }
}
