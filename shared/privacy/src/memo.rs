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
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    purpose: u32,
    value: String,
    pub(crate) fate: Fate,
    /// What takes the place of the value, if something does.
    pub(crate) output: String,
}

/// Decisions by what they were made on; a new one takes the place of an old one.
#[derive(Debug)]
pub(crate) struct Memo {
    slots: Vec<Decision>,
    /// The last one that is not kept.
    forgotten: Decision,
}

impl Memo {
    /// Room for so many decisions.
    pub(crate) fn with_slots(slots: usize) -> Self {
        let empty = Decision {
            purpose: u32::MAX,
            value: String::new(),
            fate: Fate::Drop,
            output: String::new(),
        };
        Self { slots: vec![empty.clone(); slots.next_power_of_two()], forgotten: empty }
    }

    /// The decision on a value for a purpose, which is made if nobody remembers it.
    #[inline]
    pub(crate) fn decide(
        &mut self,
        purpose: u32,
        value: &str,
        make: impl FnOnce(&mut String) -> Fate,
    ) -> &Decision {
        if value.len() > VALUE_BYTES_MAX {
            return self.decide_anew(make);
        }
        #[allow(clippy::cast_possible_truncation, reason = "only the lowest bits count")]
        let place = hash::of(purpose, value) as usize & (self.slots.len() - 1);
        let Some(slot) = self.slots.get_mut(place) else { return &self.forgotten };
        if slot.purpose != purpose || slot.value != value {
            slot.purpose = purpose;
            slot.value.clear();
            slot.value.push_str(value);
            slot.output.clear();
            slot.fate = make(&mut slot.output);
        }
        slot
    }

    /// A decision that is not worth remembering.
    #[inline]
    pub(crate) fn decide_anew(&mut self, make: impl FnOnce(&mut String) -> Fate) -> &Decision {
        self.forgotten.output.clear();
        self.forgotten.fate = make(&mut self.forgotten.output);
        &self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_made_once_for_each_value_and_purpose() {
        let mut memo = Memo::with_slots(EVENT_SLOTS);
        let mut made = 0;
        for (purpose, value) in [(1, "a"), (1, "a"), (2, "a"), (1, "b"), (1, "a")] {
            let decision = memo.decide(purpose, value, |output| {
                made += 1;
                output.push_str(value);
                output.push_str(&purpose.to_string());
                Fate::Replace
            });
            assert_eq!(decision.output, format!("{value}{purpose}"));
        }
        assert_eq!(made, 3);
    }

    #[test]
    fn long_values_are_not_remembered() {
        let mut memo = Memo::with_slots(EVENT_SLOTS);
        for (bytes, expected) in [(VALUE_BYTES_MAX, 1), (VALUE_BYTES_MAX + 1, 2)] {
            let (value, mut made) = ("v".repeat(bytes), 0);
            for _ in 0..2 {
                memo.decide(1, &value, |_| {
                    made += 1;
                    Fate::Keep
                });
            }
            assert_eq!(made, expected);
        }
    }
}
