//! A fault that repeats: told once, with how often it occurs and its first places.

/// How often a fault occurs, and its first places. Millions of pixels can be wrong, so no more places are kept.
#[derive(Debug)]
pub(crate) struct Repeated<P> {
    first: Vec<P>,
    count: u64,
}

impl<P> Default for Repeated<P> {
    fn default() -> Self {
        Self { first: Vec::new(), count: 0 }
    }
}

impl<P> Repeated<P> {
    /// How many places are told.
    pub(crate) const TOLD: usize = 3;

    /// Adds `place`, which comes behind all that were added before.
    pub(crate) fn push(&mut self, place: P) {
        self.count += 1;
        if self.first.len() < Self::TOLD {
            self.first.push(place);
        }
    }

    /// Adds `place`, wherever it lies among those that were added before.
    pub(crate) fn insert(&mut self, place: P)
    where
        P: Ord,
    {
        self.count += 1;
        if self.first.len() < Self::TOLD || self.first.last().is_some_and(|last| place < *last) {
            let at = self.first.partition_point(|other| *other < place);
            self.first.insert(at, place);
            self.first.truncate(Self::TOLD);
        }
    }

    /// How often the fault occurs.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The first places.
    pub(crate) fn places(&self) -> impl Iterator<Item = &P> {
        self.first.iter()
    }

    /// The first place.
    pub(crate) fn first(&self) -> Option<&P> {
        self.first.first()
    }

    /// The message: what `one` says of the only place, or else `many` of the count and the list of the first places,
    /// each of which `item` words. `None` where there is no place.
    pub(crate) fn message(
        &self,
        one: impl FnOnce(&P) -> String,
        many: impl FnOnce(u64, String) -> String,
        item: impl Fn(&P) -> String,
    ) -> Option<String> {
        match &*self.first {
            [] => None,
            [only] if self.count == 1 => Some(one(only)),
            first => {
                let mut list = first.iter().map(item).collect::<Vec<_>>().join("; ");
                let more = self.count - first.len() as u64;
                if more > 0 {
                    list += &format!("; and {more} more");
                }
                Some(many(self.count, list))
            }
        }
    }
}

impl<P> FromIterator<P> for Repeated<P> {
    fn from_iter<I: IntoIterator<Item = P>>(places: I) -> Self {
        let mut repeated = Self::default();
        places.into_iter().for_each(|place| repeated.push(place));
        repeated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(places: &Repeated<u32>) -> Option<String> {
        places.message(|only| format!("only {only}"), |count, list| format!("{count}: {list}"), u32::to_string)
    }

    #[test]
    fn the_first_places_are_told_in_whatever_order_they_come() {
        let said = |text: &str| Some(text.to_owned());
        for (places, expected) in [
            (&[][..], None),
            (&[7], said("only 7")),
            (&[9, 7], said("2: 7; 9")),
            (&[9, 7, 8], said("3: 7; 8; 9")),
            (&[5, 9, 1, 8, 3, 2], said("6: 1; 2; 3; and 3 more")),
        ] {
            let mut repeated = Repeated::default();
            places.iter().for_each(|place| repeated.insert(*place));
            assert_eq!(told(&repeated), expected, "{places:?}");
            let mut sorted = places.to_vec();
            sorted.sort_unstable();
            assert_eq!(told(&sorted.into_iter().collect()), expected, "{places:?}");
        }
    }
}
