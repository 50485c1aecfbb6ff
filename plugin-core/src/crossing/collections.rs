//! Maps, sets and queues: taken apart on one side, built anew on the other.
//!
//! Hashes and orders are computed again by whoever receives, so what a map relies on is this side's own `Hash` and
//! `Ord`. Where a sender's keys are equal here, the last one stays.

use core::hash::{BuildHasher, Hash};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use super::{
    Crossing,
    forms::{BTreeMapForm, BTreeSetForm, HashMapForm, HashSetForm, VecDequeForm},
};
use crate::abi::{RVec, Tuple2};

fn pairs<K: Crossing, V: Crossing>(entries: impl Iterator<Item = (K, V)>) -> RVec<Tuple2<K::Abi, V::Abi>> {
    entries.map(|(key, value)| Tuple2(key.into_abi(), value.into_abi())).collect()
}

/// # Safety
///
/// As for [`Crossing::from_abi`], for each key and value.
unsafe fn from_pairs<K: Crossing, V: Crossing, C: FromIterator<(K, V)>>(
    pairs: RVec<Tuple2<K::Abi, V::Abi>>,
) -> C {
    // SAFETY: the caller answers for every key and value.
    pairs.into_iter().map(|Tuple2(key, value)| unsafe { (K::from_abi(key), V::from_abi(value)) }).collect()
}

/// # Safety
///
/// As for [`Crossing::from_abi`], for each value.
unsafe fn from_values<T: Crossing, C: FromIterator<T>>(values: RVec<T::Abi>) -> C {
    // SAFETY: the caller answers for every value.
    values.into_iter().map(|value| unsafe { T::from_abi(value) }).collect()
}

// SAFETY: keys and values are converted.
unsafe impl<K: Crossing + Eq + Hash, V: Crossing, S: BuildHasher + Default> Crossing for HashMap<K, V, S> {
    type Abi = HashMapForm<K::Abi, V::Abi>;

    fn into_abi(self) -> Self::Abi {
        HashMapForm(pairs(self.into_iter()))
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        // SAFETY: the caller's promise covers what is inside.
        unsafe { from_pairs::<K, V, Self>(abi.0) }
    }
}

// SAFETY: keys and values are converted.
unsafe impl<K: Crossing + Ord, V: Crossing> Crossing for BTreeMap<K, V> {
    type Abi = BTreeMapForm<K::Abi, V::Abi>;

    fn into_abi(self) -> Self::Abi {
        BTreeMapForm(pairs(self.into_iter()))
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        // SAFETY: the caller's promise covers what is inside.
        unsafe { from_pairs::<K, V, Self>(abi.0) }
    }
}

// SAFETY: values are converted.
unsafe impl<T: Crossing + Eq + Hash, S: BuildHasher + Default> Crossing for HashSet<T, S> {
    type Abi = HashSetForm<T::Abi>;

    fn into_abi(self) -> Self::Abi {
        HashSetForm(self.into_iter().map(T::into_abi).collect())
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        // SAFETY: the caller's promise covers what is inside.
        unsafe { from_values::<T, Self>(abi.0) }
    }
}

// SAFETY: values are converted.
unsafe impl<T: Crossing + Ord> Crossing for BTreeSet<T> {
    type Abi = BTreeSetForm<T::Abi>;

    fn into_abi(self) -> Self::Abi {
        BTreeSetForm(self.into_iter().map(T::into_abi).collect())
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        // SAFETY: the caller's promise covers what is inside.
        unsafe { from_values::<T, Self>(abi.0) }
    }
}

// SAFETY: crosses as a vector of its values in their order.
unsafe impl<T: Crossing> Crossing for VecDeque<T> {
    type Abi = VecDequeForm<T::Abi>;

    fn into_abi(self) -> Self::Abi {
        VecDequeForm(T::vec_into_abi(self.into()))
    }

    unsafe fn from_abi(abi: Self::Abi) -> Self {
        // SAFETY: the caller's promise covers what is inside.
        unsafe { T::vec_from_abi(abi.0) }.into()
    }
}
