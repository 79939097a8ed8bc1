//! Ticket numbers: short, unguessable, without letters that look alike, saying nothing of how many
//! there are (T-1).

use rand::{Rng, RngExt};

const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 8;
const PREFIX: &str = "TKT-";

/// A new number, one of 656 milliards.
pub fn draw(chance: &mut impl Rng) -> String {
    let letters = (0..LENGTH).map(|_| char::from(ALPHABET[chance.random_range(0..ALPHABET.len())]));
    PREFIX.chars().chain(letters).collect()
}

/// The number in `text`, if it is one; lower case is taken too.
pub fn parse(text: &str) -> Option<String> {
    let text = text.to_ascii_uppercase();
    let letters = text.strip_prefix(PREFIX)?;
    let right = letters.len() == LENGTH && letters.bytes().all(|b| ALPHABET.contains(&b));
    right.then_some(text)
}

/// What part of a number `word` may be, without the prefix: three letters or more, with a digit among them unless the
/// prefix stands before them.
pub fn part(word: &str) -> Option<String> {
    let word = word.trim_start_matches('#').to_ascii_uppercase();
    let (letters, is_named) = word.strip_prefix(PREFIX).map_or((word.as_str(), false), |letters| (letters, true));
    let right = (3..=LENGTH).contains(&letters.len()) && letters.bytes().all(|b| ALPHABET.contains(&b));
    (right && (is_named || letters.bytes().any(|b| b.is_ascii_digit()))).then(|| letters.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    #[test]
    fn a_number_is_read_back_and_holds_no_look_alikes() {
        let mut chance = StdRng::seed_from_u64(7);
        for _ in 0..1000 {
            let number = draw(&mut chance);
            assert_eq!(parse(&number.to_lowercase()).as_deref(), Some(&*number));
            assert!(!number[4..].contains(['0', 'O', '1', 'I', 'L', 'U']), "{number}");
        }
        for wrong in ["", "TKT-", "TKT-2345678", "TKT-234567890", "TKT-2345678O", "tkt_23456789", "42"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_part_of_a_number_is_told_from_a_word() {
        for (word, read) in [
            ("TKT-23456789", Some("23456789")),
            ("tkt-abc", Some("ABC")),
            ("#2bc", Some("2BC")),
            ("456", Some("456")),
            ("45", None),
            ("fee", None),
            ("101", None),
            ("234567892", None),
            ("TKT-", None),
            ("%%%2", None),
            ("\u{e9}234", None),
        ] {
            assert_eq!(part(word).as_deref(), read, "{word}");
        }
    }
}
