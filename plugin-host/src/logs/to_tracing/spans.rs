//! The open spans of plugins.
//!
//! A number that a plugin holds stands for a span and the subscriber that it was made by: threads may have subscribers of
//! their own, and a span that moves to another thread stays with its own, as a `tracing::Span` does. A number is never
//! used again.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    sync::{
        Arc, LazyLock, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use foldhash::fast::FixedState;
use plugin_core::logs::{CurrentSpan, Fields, Parent};
use tracing_core::{
    Dispatch,
    dispatcher::get_default,
    span::{Attributes, Id, Record},
};

use super::{callsites::Mirror, values};

struct Open {
    dispatch: Dispatch,
    id: Id,
    /// Absent for a span of this program that a plugin has found itself in.
    mirror: Option<&'static Mirror>,
    /// How many handles to it plugins hold.
    handles: AtomicUsize,
}

type Shard = RwLock<HashMap<u64, Arc<Open>, FixedState>>;

/// Numbers are given in turn, so that threads seldom meet in one shard.
static SHARDS: LazyLock<[Shard; 16]> = LazyLock::new(Default::default);
static NEXT: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// The spans that this thread is in, the innermost last.
    static ENTERED: RefCell<Vec<(u64, Id)>> = const { RefCell::new(Vec::new()) };
    /// The span of this program that a plugin was told about last, and may not have kept.
    static TOLD: Told = const { Told(Cell::new(0)) };
}

pub(super) fn open(mirror: &'static Mirror, parent: Parent, fields: &Fields<'_>) -> u64 {
    let metadata = mirror.metadata();
    get_default(|dispatch| {
        let id = values::with(metadata, fields, |values| {
            dispatch.new_span(&match parent {
                Parent::Current => Attributes::new(metadata, values),
                Parent::Root => Attributes::new_root(metadata, values),
                Parent::Span(parent) => match host_id(parent) {
                    Some(parent) => Attributes::child_of(parent, metadata, values),
                    None => Attributes::new_root(metadata, values),
                },
            })
        });
        insert(Open { dispatch: dispatch.clone(), id, mirror: Some(mirror), handles: AtomicUsize::new(1) })
    })
}

/// What this program's subscriber calls a span.
pub(super) fn host_id(span: u64) -> Option<Id> {
    find(span).map(|open| open.id.clone())
}

pub(super) fn record(span: u64, fields: &Fields<'_>) {
    if let Some(open) = find(span)
        && let Some(mirror) = open.mirror
    {
        values::with(mirror.metadata(), fields, |values| {
            open.dispatch.record(&open.id, &Record::new(values));
        });
    }
}

pub(super) fn follows_from(span: u64, other: u64) {
    if let (Some(open), Some(other)) = (find(span), host_id(other)) {
        open.dispatch.record_follows_from(&open.id, &other);
    }
}

pub(super) fn enter(span: u64) {
    if let Some(open) = find(span) {
        ENTERED.with_borrow_mut(|entered| entered.push((span, open.id.clone())));
        open.dispatch.enter(&open.id);
    }
}

pub(super) fn exit(span: u64) {
    if let Some(open) = find(span) {
        ENTERED.with_borrow_mut(|entered| {
            if let Some(index) = entered.iter().rposition(|(entered, _)| *entered == span) {
                entered.remove(index);
            }
        });
        open.dispatch.exit(&open.id);
    }
}

pub(super) fn retain(span: u64) {
    if let Some(open) = find(span)
        && open.handles.fetch_add(1, Ordering::AcqRel) == 0
    {
        open.dispatch.clone_span(&open.id);
    }
}

/// Gives a handle back; with the last one, the span is closed.
pub(super) fn release(span: u64) -> bool {
    let Some(open) = find(span) else { return false };
    let take = |handles: usize| handles.checked_sub(1);
    if open.handles.fetch_update(Ordering::AcqRel, Ordering::Acquire, take) != Ok(1) {
        return false;
    }
    remove(span);
    open.dispatch.try_close(open.id.clone());
    true
}

/// The span that this thread is in, for a plugin.
pub(super) fn current(home: usize) -> CurrentSpan {
    get_default(|dispatch| {
        let current = dispatch.current_span();
        let Some(id) = current.id() else { return CurrentSpan { span: 0, plugin: 0 } };
        let entered = ENTERED.with_borrow(|entered| {
            entered.iter().rev().find(|(_, entered)| entered == id).map(|(span, _)| *span)
        });
        let Some(span) = entered else {
            return CurrentSpan { span: TOLD.with(|told| told.about(dispatch, id)), plugin: 0 };
        };
        let mirror = find(span).and_then(|open| open.mirror);
        CurrentSpan { span, plugin: mirror.and_then(|mirror| mirror.plugin_in(home)).unwrap_or(0) }
    })
}

struct Told(Cell<u64>);

impl Told {
    /// A number for a span of this program, without a handle yet.
    fn about(&self, dispatch: &Dispatch, id: &Id) -> u64 {
        self.forget();
        let handles = AtomicUsize::new(0);
        let span = insert(Open { dispatch: dispatch.clone(), id: id.clone(), mirror: None, handles });
        self.0.set(span);
        span
    }

    /// A plugin that took no handle has no use for the number.
    fn forget(&self) {
        let span = self.0.get();
        if find(span).is_some_and(|open| open.handles.load(Ordering::Acquire) == 0) {
            remove(span);
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.forget();
    }
}

fn shard(span: u64) -> Option<&'static Shard> {
    SHARDS.get((span % SHARDS.len() as u64) as usize)
}

fn find(span: u64) -> Option<Arc<Open>> {
    shard(span)?.read().unwrap_or_else(PoisonError::into_inner).get(&span).cloned()
}

fn insert(open: Open) -> u64 {
    let span = NEXT.fetch_add(1, Ordering::Relaxed);
    if let Some(shard) = shard(span) {
        shard.write().unwrap_or_else(PoisonError::into_inner).insert(span, Arc::new(open));
    }
    span
}

fn remove(span: u64) {
    if let Some(shard) = shard(span) {
        // Dropped after the lock: a dispatcher may be anything.
        let _open = shard.write().unwrap_or_else(PoisonError::into_inner).remove(&span);
    }
}
