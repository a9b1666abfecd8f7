//! The nastiest stories, one by one.
