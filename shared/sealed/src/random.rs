//! Random bytes of the operating system, for what is secret or used once.

use zeroize::Zeroizing;

use crate::NoRandomness;

pub(crate) fn random<const BYTES: usize>() -> Result<Zeroizing<[u8; BYTES]>, NoRandomness> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| NoRandomness)?;
    Ok(bytes)
}
