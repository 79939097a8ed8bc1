//! What a camera has written into a picture, as far as somebody may want to know it.

use chrono::NaiveDate;
use exif::{Exif as Written, In, Rational, Reader, Tag, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Letters of a name.
const MOST: usize = 100;

/// What a camera has written into a picture. Where that was is told to nobody.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Exif {
    /// Whose camera it is.
    pub camera_make: Option<String>,
    /// Which.
    pub camera_model: Option<String>,
    /// When the picture was taken by the camera's clock, whose zone nobody knows: `2026-03-02T09:00:00`.
    pub taken_at: Option<String>,
    /// For how long, in seconds.
    pub exposure_time: Option<f64>,
    /// The aperture.
    pub f_number: Option<f64>,
    /// The sensitivity.
    pub iso: Option<u32>,
    /// The focal length, in millimetres.
    pub focal_length: Option<f64>,
    /// Whether the camera has written down where it was.
    pub has_location: bool,
}

/// The same as it is kept, sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    #[serde(flatten)]
    pub told: Exif,
    /// Where it was, in degrees: north and east are positive.
    pub gps: Option<[f64; 2]>,
}

/// Reads what stands in a picture's TIFF block; none where that says nothing, or is none.
pub fn read(block: Vec<u8>) -> Option<Kept> {
    let block = block.strip_prefix(b"Exif\0\0").map(<[u8]>::to_vec).unwrap_or(block);
    // What is readable of a damaged one counts.
    let written = Reader::new().continue_on_error(true).read_raw(block);
    let written = written.or_else(|error| error.distill_partial_result(|_| {})).ok()?;
    let gps = place(&written);
    let told = Exif {
        camera_make: text(&written, Tag::Make),
        camera_model: text(&written, Tag::Model),
        taken_at: time(&written),
        exposure_time: number(&written, Tag::ExposureTime),
        f_number: number(&written, Tag::FNumber),
        iso: written.get_field(Tag::PhotographicSensitivity, In::PRIMARY).and_then(|field| field.value.get_uint(0)),
        focal_length: number(&written, Tag::FocalLength),
        has_location: gps.is_some(),
    };
    (told != Exif::default()).then_some(Kept { told, gps })
}

fn ascii(written: &Written, tag: Tag) -> Option<String> {
    match &written.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(lines) => lines.first().map(|line| String::from_utf8_lossy(line).into_owned()),
        _ => None,
    }
}

fn text(written: &Written, tag: Tag) -> Option<String> {
    let text: String = ascii(written, tag)?.chars().filter(|c| !c.is_control() && *c != '\u{fffd}').take(MOST).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// `2026:03:02 09:00:00` as everybody else writes it.
fn time(written: &Written) -> Option<String> {
    let text = ascii(written, Tag::DateTimeOriginal).or_else(|| ascii(written, Tag::DateTime))?;
    let time = exif::DateTime::from_ascii(text.as_bytes()).ok()?;
    let day = NaiveDate::from_ymd_opt(time.year.into(), time.month.into(), time.day.into())?;
    let time = day.and_hms_opt(time.hour.into(), time.minute.into(), time.second.into())?;
    Some(time.format("%Y-%m-%dT%H:%M:%S").to_string())
}

fn rationals(written: &Written, tag: Tag) -> Vec<f64> {
    match written.get_field(tag, In::PRIMARY).map(|field| &field.value) {
        Some(Value::Rational(numbers)) => numbers.iter().map(Rational::to_f64).collect(),
        _ => Vec::new(),
    }
}

fn number(written: &Written, tag: Tag) -> Option<f64> {
    rationals(written, tag).first().copied().filter(|number| number.is_finite())
}

fn place(written: &Written) -> Option<[f64; 2]> {
    let degrees = |tag, side, against: &str| {
        let parts = rationals(written, tag);
        let &[degrees, minutes, seconds] = parts.first_chunk::<3>()?;
        let sign = ascii(written, side)?;
        let degrees = degrees + minutes / 60.0 + seconds / 3600.0;
        let degrees = if sign.trim().eq_ignore_ascii_case(against) { -degrees } else { degrees };
        (degrees.is_finite() && degrees.abs() <= 180.0).then_some(degrees)
    };
    Some([degrees(Tag::GPSLatitude, Tag::GPSLatitudeRef, "S")?, degrees(Tag::GPSLongitude, Tag::GPSLongitudeRef, "W")?])
}

#[cfg(test)]
mod tests {
    use exif::{Field, experimental::Writer};

    use super::*;

    fn block(fields: &[(Tag, Value)]) -> Vec<u8> {
        let fields: Vec<Field> =
            fields.iter().map(|(tag, value)| Field { tag: *tag, ifd_num: In::PRIMARY, value: value.clone() }).collect();
        let (mut writer, mut bytes) = (Writer::new(), std::io::Cursor::new(Vec::new()));
        fields.iter().for_each(|field| writer.push_field(field));
        writer.write(&mut bytes, false).expect("written");
        bytes.into_inner()
    }

    fn ascii(text: &str) -> Value {
        Value::Ascii(vec![text.as_bytes().to_vec()])
    }

    fn parts(numbers: &[u32]) -> Value {
        Value::Rational(numbers.iter().map(|num| Rational { num: *num, denom: 1 }).collect())
    }

    #[test]
    fn what_a_camera_has_written_is_read_and_where_it_was_stands_apart() {
        let kept = read(block(&[
            (Tag::Make, ascii("Fotofix\u{7} ")),
            (Tag::DateTimeOriginal, ascii("2026:03:02 09:00:00")),
            (Tag::PhotographicSensitivity, Value::Short(vec![200])),
            (Tag::GPSLatitude, parts(&[48, 30, 0])),
            (Tag::GPSLatitudeRef, ascii("N")),
            (Tag::GPSLongitude, parts(&[2, 15, 0])),
            (Tag::GPSLongitudeRef, ascii("W")),
        ]));
        let told = Exif {
            camera_make: Some("Fotofix".into()),
            taken_at: Some("2026-03-02T09:00:00".into()),
            iso: Some(200),
            has_location: true,
            ..Exif::default()
        };
        assert_eq!(kept, Some(Kept { told: told.clone(), gps: Some([48.5, -2.25]) }));
        assert!(!serde_json::to_string(&told).expect("JSON").contains("48.5"));
    }

    #[test]
    fn what_says_nothing_or_nonsense_is_as_none() {
        let wrong = [
            (Tag::DateTimeOriginal, ascii("2026:13:41 99:00:00")),
            (Tag::ExposureTime, Value::Rational(vec![Rational { num: 1, denom: 0 }])),
            (Tag::GPSLatitude, parts(&[4800, 0, 0])),
            (Tag::GPSLatitudeRef, ascii("N")),
        ];
        for block in [vec![], b"II".to_vec(), b"Exif\0\0MM\0*\xff\xff\xff\xff".to_vec(), block(&wrong)] {
            assert_eq!(read(block.clone()), None, "{block:?}");
        }
    }
}
