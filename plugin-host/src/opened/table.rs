//! A map that is read without a lock, and without a write to memory that other threads write to.
//!
//! Readers take the whole map as it is, and search it: open addressing, where an entry is never changed once it is there. So
//! an entry can be added under their eyes, at the cost of that entry alone. Only what takes one away, puts another one in its
//! place or needs more room makes the map anew.
#![forbid(unsafe_code)]

use std::{
    hash::{BuildHasher, Hash},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use arc_swap::ArcSwapOption;
use foldhash::fast::FixedState;

pub(super) struct Table<K, V> {
    slots: ArcSwapOption<Slots<K, V>>,
    /// How many entries there are. Whoever holds the lock is the only one who writes.
    count: Mutex<usize>,
}

/// At least half of them are empty, so that a search ends soon.
struct Slots<K, V>(Box<[OnceLock<(K, V)>]>);

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { slots: ArcSwapOption::empty(), count: Mutex::default() }
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Table<K, V> {
    /// Does what a thread's first look does besides looking.
    pub(super) fn touch(&self) {
        drop(self.slots.load());
    }

    pub(super) fn get(&self, key: &K) -> Option<V> {
        self.slots.load().as_ref()?.get(key).cloned()
    }

    pub(super) fn insert(&self, key: K, value: V) {
        let mut count = self.lock();
        let slots = self.slots.load_full();
        match slots.as_ref().filter(|slots| slots.has_room_for(*count + 1)) {
            Some(slots) if slots.get(&key).is_none() => {
                slots.put((key, value));
                *count += 1;
            }
            _ => {
                let others =
                    slots.iter().flat_map(|slots| slots.entries()).filter(|(other, _)| *other != key);
                let entries = others.cloned().collect();
                self.make_anew(&mut count, entries, Some((key, value)));
            }
        }
    }

    /// Keeps only some of the entries.
    pub(super) fn retain(&self, keeps: impl Fn(&V) -> bool) {
        let mut count = self.lock();
        let slots = self.slots.load_full();
        let kept = slots.iter().flat_map(|slots| slots.entries()).filter(|(_, value)| keeps(value));
        let kept = kept.cloned().collect();
        self.make_anew(&mut count, kept, None);
    }

    fn make_anew(&self, count: &mut usize, mut entries: Vec<(K, V)>, one_more: Option<(K, V)>) {
        entries.extend(one_more);
        *count = entries.len();
        let slots = Slots::with_room_for(entries.len());
        entries.into_iter().for_each(|entry| slots.put(entry));
        self.slots.store(Some(Arc::new(slots)));
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq, V> Slots<K, V> {
    fn with_room_for(entries: usize) -> Self {
        let length = entries.saturating_mul(2).next_power_of_two().max(8);
        Self((0..length).map(|_| OnceLock::new()).collect())
    }

    fn has_room_for(&self, entries: usize) -> bool {
        entries.saturating_mul(2) <= self.0.len()
    }

    fn entries(&self) -> impl Iterator<Item = &(K, V)> {
        self.0.iter().filter_map(OnceLock::get)
    }

    fn get(&self, key: &K) -> Option<&V> {
        let entries = self.search(key).map_while(OnceLock::get);
        entries.into_iter().find(|(other, _)| other == key).map(|(_, value)| value)
    }

    /// Under the lock, for a key that is not here, where there is room for it.
    fn put(&self, entry: (K, V)) {
        let free = self.search(&entry.0).find(|slot| slot.get().is_none());
        let _ = free.map(|free| free.set(entry));
    }

    /// All slots, beginning with that of a key.
    fn search(&self, key: &K) -> impl Iterator<Item = &OnceLock<(K, V)>> {
        // The length is a power of two.
        let first = FixedState::default().hash_one(key) as usize & (self.0.len() - 1);
        let (before, from) = self.0.split_at(first);
        from.iter().chain(before)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn what_was_put_in_is_found_and_nothing_else() {
        let table = Table::default();
        assert_eq!(table.get(&0), None);
        for key in 0..1000 {
            table.insert(key, key * 2);
            assert!(
                (0..1000).step_by(7).all(|other| table.get(&other) == (other <= key).then_some(other * 2))
            );
        }
        table.insert(500, 7);
        table.retain(|value| value % 3 != 0);
        for key in 0..1100 {
            let expected = if key == 500 { 7 } else { key * 2 };
            assert_eq!(table.get(&key), (key < 1000 && expected % 3 != 0).then_some(expected), "{key}");
        }
    }

    #[test]
    fn what_one_thread_put_in_another_one_finds() {
        const ENTRIES: usize = 20_000;
        let (table, known) = (Table::default(), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut next = 0;
                    while next < ENTRIES {
                        let until = known.load(Ordering::Acquire);
                        for key in (next / 2)..until {
                            assert_eq!(table.get(&key), Some(key));
                        }
                        next = until;
                    }
                });
            }
            for key in 0..ENTRIES {
                table.insert(key, key);
                known.store(key + 1, Ordering::Release);
            }
        });
    }

    #[test]
    fn what_is_taken_out_is_dropped() {
        let (table, value) = (Table::default(), Arc::new(()));
        for key in 0..100 {
            table.insert(key, Arc::clone(&value));
        }
        assert_eq!(Arc::strong_count(&value), 101);
        table.retain(|_| false);
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
