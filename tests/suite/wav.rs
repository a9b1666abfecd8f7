//! Small WAV files.

/// A mono WAV at 22,050 Hz. The default is four frames of 16 bits.
pub struct Wav {
    pub tag: u16,
    pub bits: u16,
    pub data: Vec<u8>,
    /// Type, first and last frame of a loop.
    pub smpl: Option<(u32, u32, u32)>,
    /// The RIFF size to claim instead of the real one.
    pub riff_size: Option<u32>,
}

impl Default for Wav {
    fn default() -> Self {
        Self { tag: 1, bits: 16, data: vec![0; 8], smpl: None, riff_size: None }
    }
}

impl Wav {
    pub fn bytes(&self) -> Vec<u8> {
        let mut chunks = b"WAVE".to_vec();
        let frame = self.bits / 8;
        let mut fmt = Vec::new();
        fmt.extend(self.tag.to_le_bytes());
        fmt.extend(1_u16.to_le_bytes());
        fmt.extend(22_050_u32.to_le_bytes());
        fmt.extend((22_050 * u32::from(frame)).to_le_bytes());
        fmt.extend(frame.to_le_bytes());
        fmt.extend(self.bits.to_le_bytes());
        chunk(&mut chunks, b"fmt ", &fmt);
        chunk(&mut chunks, b"data", &self.data);
        if let Some((kind, first, last)) = self.smpl {
            let words = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, kind, first, last, 0, 0];
            chunk(&mut chunks, b"smpl", &words.iter().flat_map(|word: &u32| word.to_le_bytes()).collect::<Vec<_>>());
        }
        let mut file = b"RIFF".to_vec();
        file.extend(self.riff_size.unwrap_or(chunks.len() as u32).to_le_bytes());
        file.extend(chunks);
        file
    }
}

/// Appends a chunk, padded to an even length.
fn chunk(file: &mut Vec<u8>, id: &[u8; 4], body: &[u8]) {
    file.extend(id);
    file.extend((body.len() as u32).to_le_bytes());
    file.extend(body);
    file.resize(file.len().next_multiple_of(2), 0);
}
