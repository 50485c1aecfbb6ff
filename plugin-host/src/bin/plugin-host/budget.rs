//! A bound on what a descriptor can make this program say.

/// How much may still be said. The records of a hostile descriptor may all name the same members and texts, so that a
/// megabyte describes terabytes; an honest one names each once.
pub(crate) struct Budget {
    left: usize,
}

/// The budget is spent.
pub(crate) struct Excess;

impl Budget {
    pub(crate) const CHARACTERS: usize = 16 << 20;

    pub(crate) fn new() -> Self {
        Self { left: Self::CHARACTERS }
    }

    pub(crate) fn spend(&mut self, characters: usize) -> Result<(), Excess> {
        self.left = self.left.checked_sub(characters).ok_or(Excess)?;
        Ok(())
    }

    /// A text of the descriptor, paid for; short ones cost something, too, for what surrounds them.
    pub(crate) fn text(&mut self, text: &str) -> Result<String, Excess> {
        self.spend(text.len() + 16)?;
        Ok(text.to_owned())
    }
}
