//! Streams that are sealed as they come: AES-256-GCM in chunks, with a key of its own for each stream. A
//! chunk's nonce is its number and whether it is the last one, so a stream that was cut, put in another order
//! or joined from others does not open (Rogaway's STREAM). The key is kept sealed elsewhere; `owner` binds a
//! stream to what it belongs to.

use aes_gcm::{
    Aes256Gcm, Key, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use axum::body::Bytes;
use futures::{Stream, StreamExt, stream::try_unfold};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::{Error, Result};

/// What a sealed stream begins with.
const MAGIC: &[u8; 4] = b"HDS1";
/// How much is sealed at once.
pub const CHUNK: usize = 256 << 10;
/// What sealing adds to a chunk.
const TAG: usize = 16;

/// The key of one stream.
#[derive(Clone)]
pub struct StreamKey([u8; 32]);

impl StreamKey {
    /// A new one, by chance.
    pub fn generate() -> Self {
        let mut bytes = [0; 32];
        rand::Rng::fill_bytes(&mut rand::rng(), &mut bytes);
        Self(bytes)
    }

    /// One that was kept.
    pub fn of(bytes: &[u8]) -> Result<Self> {
        Ok(Self(bytes.try_into().map_err(|_| anyhow::anyhow!("a stream's key has 32 bytes"))?))
    }

    /// A key for one of several streams that belong together: no two streams may have the same.
    pub fn of_part(&self, part: &str) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(part.as_bytes());
        Self(mac.finalize().into_bytes().into())
    }

    /// The key itself, to be sealed.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(self.0))
    }
}

/// Seals and opens the chunks of one stream, one after the other.
struct Chunks {
    cipher: Aes256Gcm,
    owner: String,
    number: u64,
}

impl Chunks {
    fn new(key: &StreamKey, owner: &str) -> Self {
        Self { cipher: key.cipher(), owner: owner.to_owned(), number: 0 }
    }

    fn nonce(&mut self, is_last: bool) -> Nonce<aes_gcm::aead::consts::U12> {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&self.number.to_be_bytes());
        nonce[8] = is_last.into();
        self.number += 1;
        nonce.into()
    }

    fn seal(&mut self, plain: &[u8], is_last: bool) -> Result<Vec<u8>> {
        let nonce = self.nonce(is_last);
        let payload = Payload { msg: plain, aad: self.owner.as_bytes() };
        Ok(self.cipher.encrypt(&nonce, payload).map_err(|_| anyhow::anyhow!("sealing failed"))?)
    }

    fn open(&mut self, sealed: &[u8], is_last: bool) -> Result<Vec<u8>> {
        let nonce = self.nonce(is_last);
        let payload = Payload { msg: sealed, aad: self.owner.as_bytes() };
        self.cipher.decrypt(&nonce, payload).map_err(|_| broken(&self.owner))
    }
}

fn broken(owner: &str) -> Error {
    Error::internal(anyhow::anyhow!("the sealed stream of {owner} was changed, cut or belongs to another"))
}

/// Takes whole chunks of `size` from a stream; the last one may be shorter, or empty, and is known as the last.
struct Pieces<S> {
    stream: S,
    rest: Vec<u8>,
    size: usize,
    has_ended: bool,
}

impl<S: Stream<Item = Result<Bytes>> + Unpin> Pieces<S> {
    /// The next one, and whether it is the last; none behind that.
    async fn next(&mut self) -> Result<Option<(Vec<u8>, bool)>> {
        if self.has_ended {
            return Ok(None);
        }
        // One byte more than a chunk says that the chunk is not the last.
        while self.rest.len() <= self.size {
            let Some(some) = self.stream.next().await else {
                self.has_ended = true;
                return Ok(Some((std::mem::take(&mut self.rest), true)));
            };
            self.rest.extend_from_slice(&some?);
        }
        let behind = self.rest.split_off(self.size);
        Ok(Some((std::mem::replace(&mut self.rest, behind), false)))
    }
}

/// Seals a stream for `owner`, as `backup:{id}:dump`.
pub fn seal<S>(key: &StreamKey, owner: &str, plain: S) -> impl Stream<Item = Result<Bytes>> + Send + use<S>
where
    S: Stream<Item = Result<Bytes>> + Unpin + Send,
{
    let pieces = Pieces { stream: plain, rest: Vec::new(), size: CHUNK, has_ended: false };
    try_unfold((pieces, Chunks::new(key, owner), true), |(mut pieces, mut chunks, is_first)| async move {
        let Some((piece, is_last)) = pieces.next().await? else { return Ok(None) };
        let mut out = if is_first { MAGIC.to_vec() } else { Vec::new() };
        out.extend(chunks.seal(&piece, is_last)?);
        Ok(Some((Bytes::from(out), (pieces, chunks, false))))
    })
}

/// Opens what was sealed for the same `owner` by the same key; anything else is an error, a stream that ends
/// early too. What was given before the error is genuine, but not all.
pub fn open<S>(key: &StreamKey, owner: &str, sealed: S) -> impl Stream<Item = Result<Bytes>> + Send + use<S>
where
    S: Stream<Item = Result<Bytes>> + Unpin + Send,
{
    let pieces = Pieces { stream: sealed, rest: Vec::new(), size: CHUNK + TAG, has_ended: false };
    try_unfold((pieces, Chunks::new(key, owner), true), |(mut pieces, mut chunks, is_first)| async move {
        if is_first {
            begin(&mut pieces, &chunks.owner).await?;
        }
        let Some((piece, is_last)) = pieces.next().await? else { return Ok(None) };
        let plain = chunks.open(&piece, is_last)?;
        Ok(Some((Bytes::from(plain), (pieces, chunks, false))))
    })
}

async fn begin<S: Stream<Item = Result<Bytes>> + Unpin>(pieces: &mut Pieces<S>, owner: &str) -> Result<()> {
    while pieces.rest.len() < MAGIC.len() {
        let some = pieces.stream.next().await.ok_or_else(|| broken(owner))??;
        pieces.rest.extend_from_slice(&some);
    }
    if pieces.rest.drain(..MAGIC.len()).eq(MAGIC.iter().copied()) { Ok(()) } else { Err(broken(owner)) }
}

/// How many bytes a stream of that length has when it is sealed.
pub fn sealed_length(plain: u64) -> u64 {
    let chunks = plain.div_ceil(CHUNK as u64).max(1);
    MAGIC.len() as u64 + plain + chunks * TAG as u64
}

#[cfg(test)]
mod tests {
    use futures::{TryStreamExt, executor::block_on, stream};

    use super::*;

    /// In pieces of any length: what comes together does not matter.
    fn of(bytes: &[u8], piece: usize) -> impl Stream<Item = Result<Bytes>> + Unpin + Send + use<> {
        let pieces: Vec<_> = bytes.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        stream::iter(pieces)
    }

    fn collect(stream: impl Stream<Item = Result<Bytes>>) -> Result<Vec<u8>> {
        let pieces: Vec<Bytes> = block_on(stream.try_collect())?;
        Ok(pieces.concat())
    }

    fn sealed(key: &StreamKey, plain: &[u8]) -> Vec<u8> {
        collect(seal(key, "backup:a", of(plain, 100_000))).expect("sealed")
    }

    fn opened(key: &StreamKey, owner: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        collect(open(key, owner, of(sealed, 70_001)))
    }

    #[test]
    fn whatever_its_length_a_stream_opens_to_what_it_was() {
        let key = StreamKey::generate();
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 77] {
            let plain: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let sealed = sealed(&key, &plain);
            assert_eq!(sealed.len() as u64, sealed_length(length as u64), "{length}");
            assert!(opened(&key, "backup:a", &sealed).expect("opened") == plain, "{length}");
        }
    }

    #[test]
    fn what_was_cut_reordered_changed_or_is_anothers_does_not_open() {
        let (key, other) = (StreamKey::generate(), StreamKey::generate());
        let plain = vec![7; 3 * CHUNK + 5];
        let (whole, foreign) = (sealed(&key, &plain), sealed(&other, &plain));
        let chunk = |n: usize, of: &[u8]| of[4 + n * (CHUNK + TAG)..(4 + (n + 1) * (CHUNK + TAG)).min(of.len())].to_vec();
        let [first, second, third, last] = [0, 1, 2, 3].map(|n| chunk(n, &whole));
        let join = |chunks: &[&Vec<u8>]| chunks.iter().fold(MAGIC.to_vec(), |all, chunk| [&all[..], chunk].concat());
        assert!(join(&[&first, &second, &third, &last]) == whole);
        let mut touched = whole.clone();
        touched[CHUNK] ^= 1;
        for (what, sealed) in [
            ("cut at a chunk's end", join(&[&first, &second, &third])),
            ("cut within a chunk", whole[..whole.len() - 1].to_vec()),
            ("cut to its head", whole[..4].to_vec()),
            ("empty", Vec::new()),
            ("another order", join(&[&second, &first, &third, &last])),
            ("a chunk twice", join(&[&first, &first, &second, &third, &last])),
            ("a chunk left out", join(&[&first, &third, &last])),
            ("a stranger's chunk", join(&[&first, &chunk(1, &foreign), &third, &last])),
            ("more behind the end", [&whole[..], b"x"].concat()),
            ("a changed byte", touched),
            ("no sealed stream", plain.clone()),
        ] {
            assert!(opened(&key, "backup:a", &sealed).is_err(), "{what}");
        }
        assert!(opened(&key, "backup:b", &whole).is_err(), "another owner's");
        assert!(opened(&other, "backup:a", &whole).is_err(), "another key's");
    }
}
