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

/// A decision.
#[derive(Debug)]
pub(crate) struct Decision {
    purpose: u32,
    value: String,
    pub(crate) fate: Fate,
    /// What takes the place of the value, if something does.
    pub(crate) output: String,
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
    slots: Vec<Decision>,
    /// The last decision for each purpose.
    last: Vec<Decision>,
    /// The last one that is not remembered.
    forgotten: Decision,
}

impl Memo {
    /// Room for so many decisions, and for the last one of so many purposes.
    pub(crate) fn with_slots(slots: usize, purposes: usize) -> Self {
        let empty = Decision {
            purpose: u32::MAX,
            value: String::new(),
            fate: Fate::Drop,
            output: String::new(),
        };
        let slots = vec![empty.clone(); slots.next_power_of_two()];
        Self { slots, last: vec![empty.clone(); purposes], forgotten: empty }
    }

    /// The decision on a value for a purpose, which is made if nobody remembers it.
    #[inline]
    pub(crate) fn decide(
        &mut self,
        (purpose, memory): (u32, Memory),
        value: &str,
        make: impl FnOnce(&mut String) -> Fate,
    ) -> &Decision {
        let Self { slots, last, forgotten } = self;
        let last = last.get_mut(usize::try_from(purpose).unwrap_or(usize::MAX));
        match (memory, last) {
            _ if value.len() > VALUE_BYTES_MAX => forgotten.anew(make),
            (Memory::Nothing, _) | (Memory::Last, None) => forgotten.anew(make),
            (Memory::All, _) | (Memory::LastAndAll, None) => {
                Self::among(slots, forgotten, (purpose, value)).decided(purpose, value, make)
            }
            (Memory::Last, Some(last)) => last.decided(purpose, value, make),
            (Memory::LastAndAll, Some(last)) => {
                if last.purpose != purpose || last.value != value {
                    last.clone_from(
                        Self::among(slots, forgotten, (purpose, value))
                            .decided(purpose, value, make),
                    );
                }
                last
            }
        }
    }

    /// The slot for a value.
    #[inline]
    fn among<'s>(
        slots: &'s mut [Decision],
        forgotten: &'s mut Decision,
        (purpose, value): (u32, &str),
    ) -> &'s mut Decision {
        #[allow(clippy::cast_possible_truncation, reason = "only the lowest bits count")]
        let place = hash::of(purpose, value) as usize & (slots.len() - 1);
        slots.get_mut(place).unwrap_or(forgotten)
    }
}

impl Clone for Decision {
    fn clone(&self) -> Self {
        let Self { purpose, value, fate, output } = self;
        Self { purpose: *purpose, value: value.clone(), fate: *fate, output: output.clone() }
    }

    /// Into the room that is there.
    fn clone_from(&mut self, other: &Self) {
        (self.purpose, self.fate) = (other.purpose, other.fate);
        self.value.clone_from(&other.value);
        self.output.clone_from(&other.output);
    }
}

impl Decision {
    /// This decision, if it is the one, or else a new one in its place.
    #[inline]
    fn decided(
        &mut self,
        purpose: u32,
        value: &str,
        make: impl FnOnce(&mut String) -> Fate,
    ) -> &Self {
        if self.purpose != purpose || self.value != value {
            self.purpose = purpose;
            self.value.clear();
            self.value.push_str(value);
            self.anew(make);
        }
        self
    }

    #[inline]
    fn anew(&mut self, make: impl FnOnce(&mut String) -> Fate) -> &Self {
        self.output.clear();
        self.fate = make(&mut self.output);
        self
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
