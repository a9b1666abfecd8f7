//! Other programs that do the same work, or the part of it that they know: for each asset a copy, which is made again
//! when its file changed. Each gets what somebody would write for it who has no packer. Who is not installed is left
//! out, and a note says how to get it.

pub mod assetpack;
pub mod bazel;
pub mod ninja;
