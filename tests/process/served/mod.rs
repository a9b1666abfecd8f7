//! Commands that a living session does for other processes: what they print and publish is what they would alone, whatever
//! happens to the session.

mod exact;
mod fresh;
mod host;
mod interrupted;
mod strangers;
