//! A call site in this program for each call site of a plugin.
//!
//! `tracing` knows call sites by references that live for ever, and so does a plugin, which is never unmapped: what is made
//! here is leaked on purpose, once for each call site that somebody wrote into a plugin and that was reached.

use std::{
    collections::HashMap,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use foldhash::fast::FixedState;
use plugin_core::logs::{ALWAYS, Callsite as Token, CallsiteRecord, NEVER, SOMETIMES};
use tracing_core::{Callsite, Interest, Kind, Level, Metadata, callsite, field::FieldSet, identify_callsite};

use super::PANIC_METADATA;

/// A call site of a plugin, as this program's subscribers see it.
pub(super) struct Mirror {
    metadata: OnceLock<Metadata<'static>>,
    interest: AtomicU32,
    /// The plugin, and the call site in it.
    home: usize,
    plugin: usize,
    set_interest: unsafe extern "C" fn(usize, u32),
}

/// By the address of the call site in its plugin.
static MIRRORS: Mutex<HashMap<usize, &'static Mirror, FixedState>> =
    Mutex::new(HashMap::with_hasher(FixedState::with_seed(0)));

/// The mirror of a call site, made if there is none.
pub(super) fn register(record: &CallsiteRecord<'_>) -> &'static Mirror {
    let mut mirrors = MIRRORS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(mirror) = mirrors.get(&record.plugin) {
        return mirror;
    }
    let mirror: &'static Mirror = Box::leak(Box::new(Mirror {
        metadata: OnceLock::new(),
        interest: AtomicU32::new(SOMETIMES),
        home: record.home,
        plugin: record.plugin,
        set_interest: record.set_interest,
    }));
    mirror.metadata.get_or_init(|| metadata(record, mirror));
    mirrors.insert(record.plugin, mirror);
    // Subscribers are asked without the lock: they may be anything. Whoever finds the mirror before they have answered
    // has to ask each time.
    drop(mirrors);
    callsite::register(mirror);
    mirror
}

fn metadata(record: &CallsiteRecord<'_>, mirror: &'static Mirror) -> Metadata<'static> {
    let names: Vec<&'static str> = record.field_names.iter().map(|name| name.as_str()).collect();
    Metadata::new(
        record.name.as_str(),
        record.target.as_str(),
        match record.level {
            1 => Level::ERROR,
            2 => Level::WARN,
            3 => Level::INFO,
            4 => Level::DEBUG,
            _ => Level::TRACE,
        },
        record.file.map(|text| text.as_str()).into(),
        record.line.into(),
        record.module_path.map(|text| text.as_str()).into(),
        FieldSet::new(names.leak(), identify_callsite!(mirror)),
        if record.is_span { Kind::SPAN } else { Kind::EVENT },
    )
}

impl Mirror {
    pub(super) fn token(&'static self) -> Token {
        Token(core::ptr::from_ref(self).cast())
    }

    /// # Safety
    ///
    /// The token is one of [`token`](Self::token), or null.
    pub(super) unsafe fn of(token: Token) -> Option<&'static Self> {
        // SAFETY: as the caller promises; a mirror is never freed.
        unsafe { token.0.cast::<Self>().as_ref() }
    }

    pub(super) fn metadata(&'static self) -> &'static Metadata<'static> {
        // Set before anybody has the mirror.
        self.metadata.get().unwrap_or(&PANIC_METADATA)
    }

    pub(super) fn interest(&self) -> u32 {
        self.interest.load(Ordering::Acquire)
    }

    /// The call site in the plugin, if it is that plugin's.
    pub(super) fn plugin_in(&self, home: usize) -> Option<usize> {
        (self.home == home).then_some(self.plugin)
    }
}

impl Callsite for Mirror {
    /// Called when subscribers are asked, now and whenever their interest changes, while `tracing` holds its locks.
    fn set_interest(&self, interest: Interest) {
        let interest = match () {
            () if interest.is_never() => NEVER,
            () if interest.is_always() => ALWAYS,
            () => SOMETIMES,
        };
        self.interest.store(interest, Ordering::Release);
        // SAFETY: the plugin's own function, and the address that it gave with it.
        unsafe { (self.set_interest)(self.plugin, interest) };
    }

    fn metadata(&self) -> &Metadata<'_> {
        self.metadata.get().unwrap_or(&PANIC_METADATA)
    }
}
