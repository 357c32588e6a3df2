//! stub
use crate::note::{Note, diagnostic::Diagnostic};
/// x
#[derive(Default)]
pub struct Limits;
/// x
pub struct Loaded { /// x
 pub notes: Vec<Note>, /// x
 pub diagnostics: Vec<Diagnostic> }
/// x
pub fn load(_dir: &std::path::Path, _limits: &Limits) -> anyhow::Result<Loaded> { Ok(Loaded{notes: vec![], diagnostics: vec![]}) }
