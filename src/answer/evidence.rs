//! What an answer rests on: how much of a question its best snippet satisfies.

/// What a question asks for and how much of it a unit satisfies.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent observations, not a state"
)]
pub struct Evidence {
    /// Whether the question names a service.
    pub service_named: bool,
    /// How far the service that is satisfied best is; 1 when none is named.
    pub service: f32,
    /// How far the control that is satisfied best is; 0 when none is named.
    pub control: f32,
    /// Whether the question names a control.
    pub control_named: bool,
    /// Weight of everything asked for, apart from the service.
    pub asked: f32,
    /// Weight of what is satisfied of it.
    pub met: f32,
    /// Weight of the words that stand in the unit or above it.
    pub verbatim: f32,
    /// Weight of the words that the notes do not use at all.
    pub unknown: f32,
    /// Weight of the words that the notes use, but not for this.
    pub elsewhere: f32,
    /// Weight of the facets asked for (price, size, limits) that the unit does
    /// not speak of.
    pub facets: f32,
    /// A control is asked for by its own name, and this is not about it.
    pub denied: bool,
    /// An unknown word stands where a service would; see [`super::query::Query::unknown_subject`].
    pub unknown_subject: bool,
    /// Weight of unknown words that are no English either: other names.
    pub foreign: f32,
}

impl Evidence {
    /// Share of what is asked, apart from the service, that is satisfied.
    pub fn coverage(&self) -> f32 {
        if self.asked > 0.0 {
            (self.met / self.asked).min(1.0)
        } else {
            0.0
        }
    }
}
