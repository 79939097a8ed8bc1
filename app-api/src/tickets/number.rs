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
}
