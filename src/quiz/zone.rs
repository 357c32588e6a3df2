//! Time zones by name.

#[derive(Debug)]
pub struct Zones;
impl Zones {
    pub fn bundled() -> Self {
        Self
    }
    pub fn system() -> Self {
        Self
    }
    pub fn get(&self, name: &str) -> Option<jiff::tz::TimeZone> {
        jiff::tz::TimeZone::get(name).ok()
    }
}
