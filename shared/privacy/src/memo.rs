//! What rules decided on values of late: the events of one visitor come in runs, and most values of
//! a batch come many times.

use crate::hash;
use crate::treatment::Fate;

/// How many decisions are remembered for a batch.
pub(crate) const BATCH_SLOTS: usize = 2_048;
/// How many are remembered for one event.
pub(crate) const EVENT_SLOTS: usize = 16;
/// Longer values, in bytes, are decided on anew each time.
const VALUE_BYTES_MAX: usize = 256;

/// What comes of a value and is longer, in bytes, is not remembered.
const OUTPUT_BYTES_MAX: usize = 4_096;
/// How many bytes of values and outputs are remembered together before all is forgotten.
const TEXTS_BYTES_MAX: usize = 512 * 1_024;

/// A decision.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decision<'m> {
    pub(crate) fate: Fate,
    /// What takes the place of the value, if something does.
    pub(crate) output: &'m str,
}

/// What is worth remembering of a rule's decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    /// Nothing: values hardly ever come again, or deciding costs next to nothing.
    Nothing,
    /// The last one.
    Last,
    /// As many as there is room for.
    All,
    /// Both, as the last one is found more quickly.
    LastAndAll,
}

/// Decisions by what they were made on; a new one takes the place of an old one.
#[derive(Debug)]
pub(crate) struct Memo {
    /// Those that a hash finds, then the last one for each purpose.
    slots: Vec<Slot>,
    /// How many a hash finds.
    hashed: usize,
    /// The slot of the last decision for each purpose.
    last: Vec<usize>,
    /// The values and outputs of all slots: one growing text in place of two for each slot.
    texts: String,
    /// What is being made.
    output: String,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    purpose: u32,
    fate: Fate,
    /// Where the value begins among the texts; the output stands behind it.
    value: usize,
    output: usize,
    end: usize,
}

/// Of a purpose that there is not.
const FREE: Slot = Slot { purpose: u32::MAX, fate: Fate::Drop, value: 0, output: 0, end: 0 };

impl Memo {
    /// Room for so many decisions, and for the last one of so many purposes.
    pub(crate) fn with_slots(slots: usize, purposes: usize) -> Self {
        let hashed = slots.next_power_of_two();
        Self {
            slots: vec![FREE; hashed + purposes],
            hashed,
            last: (hashed..hashed + purposes).collect(),
            texts: String::new(),
            output: String::new(),
        }
    }

    /// The decision on a value for a purpose, which is made if nobody remembers it.
    #[inline]
    pub(crate) fn decide(
        &mut self,
        (purpose, memory): (u32, Memory),
        value: &str,
        make: impl FnOnce(&mut String) -> Fate,
    ) -> Decision<'_> {
        let own = usize::try_from(purpose).unwrap_or(usize::MAX);
        let place = match (memory, self.last.get(own).copied()) {
            _ if value.len() > VALUE_BYTES_MAX => return self.made(make),
            (Memory::Nothing, _) | (Memory::Last, None) => return self.made(make),
            (Memory::All, _) | (Memory::LastAndAll, None) => self.place(purpose, value),
            (Memory::Last, Some(last)) => last,
            (Memory::LastAndAll, Some(last)) => {
                if let Some(slot) = self.known(last, purpose, value) {
                    return self.decision(slot);
                }
                let place = self.place(purpose, value);
                if let Some(last) = self.last.get_mut(own) {
                    *last = place;
                }
                place
            }
        };
        match self.known(place, purpose, value) {
            Some(slot) => self.decision(slot),
            None => self.noted((place, purpose), value, make),
        }
    }

    /// The slot for a value.
    #[inline]
    fn place(&self, purpose: u32, value: &str) -> usize {
        #[allow(clippy::cast_possible_truncation, reason = "only the lowest bits count")]
        let hash = hash::of(purpose, value) as usize;
        hash & (self.hashed - 1)
    }

    /// What a slot holds, if it is about this value.
    #[inline]
    fn known(&self, place: usize, purpose: u32, value: &str) -> Option<Slot> {
        let slot = self.slots.get(place).copied().filter(|slot| slot.purpose == purpose)?;
        (self.texts.get(slot.value..slot.output) == Some(value)).then_some(slot)
    }

    #[inline]
    fn decision(&self, slot: Slot) -> Decision<'_> {
        let output = self.texts.get(slot.output..slot.end).unwrap_or_default();
        Decision { fate: slot.fate, output }
    }

    /// A decision that is not remembered.
    fn made(&mut self, make: impl FnOnce(&mut String) -> Fate) -> Decision<'_> {
        self.output.clear();
        let fate = make(&mut self.output);
        Decision { fate, output: &self.output }
    }

    /// A decision that takes the place of another one.
    fn noted(
        &mut self,
        (place, purpose): (usize, u32),
        given: &str,
        make: impl FnOnce(&mut String) -> Fate,
    ) -> Decision<'_> {
        self.output.clear();
        let fate = make(&mut self.output);
        if self.output.len() > OUTPUT_BYTES_MAX {
            return Decision { fate, output: &self.output };
        }
        if self.texts.len() + given.len() + self.output.len() > TEXTS_BYTES_MAX {
            self.texts.clear();
            self.slots.fill(FREE);
        }
        let value = self.texts.len();
        self.texts.push_str(given);
        let output = self.texts.len();
        self.texts.push_str(&self.output);
        let slot = Slot { purpose, fate, value, output, end: self.texts.len() };
        if let Some(room) = self.slots.get_mut(place) {
            *room = slot;
        }
        Decision { fate, output: &self.output }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_made_once_for_each_value_and_purpose() {
        for (memory, expected) in
            [(Memory::Nothing, 6), (Memory::Last, 4), (Memory::All, 3), (Memory::LastAndAll, 3)]
        {
            let mut memo = Memo::with_slots(EVENT_SLOTS, 3);
            let mut made = 0;
            for (purpose, value) in [(1, "a"), (1, "a"), (2, "a"), (2, "a"), (1, "b"), (1, "a")] {
                let decision = memo.decide((purpose, memory), value, |output| {
                    made += 1;
                    output.push_str(value);
                    output.push_str(&purpose.to_string());
                    Fate::Replace
                });
                assert_eq!(decision.output, format!("{value}{purpose}"));
            }
            assert_eq!(made, expected, "{memory:?}");
        }
    }

    #[test]
    fn when_there_is_no_room_left_all_is_made_anew() {
        let mut memo = Memo::with_slots(BATCH_SLOTS, 1);
        let long = |number: usize| format!("{number:0200}");
        for round in 0..2 {
            for number in 0..2 * TEXTS_BYTES_MAX / 400 {
                let decision = memo.decide((0, Memory::LastAndAll), &long(number), |output| {
                    output.push_str(&long(number + 1));
                    Fate::Replace
                });
                assert_eq!(decision.output, long(number + 1), "{round}");
            }
            assert!(memo.texts.len() <= TEXTS_BYTES_MAX);
        }
        let huge = "x".repeat(2 * TEXTS_BYTES_MAX);
        for _ in 0..2 {
            let decision = memo.decide((0, Memory::All), "", |output| {
                output.push_str(&huge);
                Fate::Replace
            });
            assert_eq!(decision.output.len(), huge.len());
        }
        assert!(memo.texts.len() <= TEXTS_BYTES_MAX);
    }

    #[test]
    fn long_values_are_not_remembered() {
        for (bytes, expected) in [(VALUE_BYTES_MAX, 1), (VALUE_BYTES_MAX + 1, 2)] {
            let mut memo = Memo::with_slots(1, 2);
            let (value, mut made) = ("v".repeat(bytes), 0);
            for _ in 0..2 {
                memo.decide((1, Memory::LastAndAll), &value, |_| {
                    made += 1;
                    Fate::Keep
                });
            }
            assert_eq!(made, expected);
        }
    }
}
