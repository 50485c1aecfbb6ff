//! Events and spans of `tracing`.

use std::collections::BTreeSet;

use plugin_host::Plugin;
use tracing_subscriber::{Layer, Registry, filter::LevelFilter, layer::SubscriberExt, reload};

use super::{
    alone, call, open,
    records::{Keep, Logger, is_of_the_host, subscribe, taken},
};

type Handle = reload::Handle<LevelFilter, Registry>;

/// Installs the recording subscriber, with a level that can be changed.
fn install(level: LevelFilter) -> Handle {
    let (level, handle) = reload::Layer::new(level);
    subscribe(tracing_subscriber::registry().with(level).with(Keep));
    handle
}

/// What was kept, shorter: without what is the same in all.
fn short() -> Vec<String> {
    let same = "logs_tracing::plugin Some(\"logs_tracing::plugin\") lib.rs ";
    taken().iter().map(|line| line.replace(same, "").replace("event in", "in")).collect()
}

fn current(plugin: &Plugin) -> String {
    plugin.lookup_fn::<fn() -> String>("current").unwrap().call()
}

#[test]
fn an_event_arrives_with_everything() {
    alone("logs::to_tracing::an_event_arrives_with_everything", &[], || {
        struct Line;
        impl<S: tracing::Subscriber> Layer<S> for Line {
            fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
                println!("line {:?} {}", event.metadata().line(), event.metadata().name());
            }
        }
        subscribe(tracing_subscriber::registry().with(Keep).with(Line));
        let plugin = open("logs-tracing");
        let line = plugin.lookup_fn::<fn() -> u32>("everything").unwrap().call();
        let [event] = taken().try_into().unwrap();
        let (min, max) = (i128::MIN, u128::MAX);
        assert_eq!(
            event,
            format!(
                "WARN some::target Some(\"logs_tracing::plugin\") lib.rs event in [] message=Debug:message 7 \
                 signed=i64:-1 unsigned=u64:2 big=i128:{min} bigger=u128:{max} real=f64:0.5 yes=bool:true text=str:text \
                 shown=Debug:127.0.0.1 debugged=Debug:Some(\"x\") \
                 failed=error:it failed: an error occurred when formatting an argument bytes=Debug:[01 ff]"
            )
        );
        println!("expected {line}");
    })
    .inspect(|printed| {
        let expected = printed.output.split("expected ").nth(1).unwrap().lines().next().unwrap();
        assert!(printed.output.contains(&format!("line Some({expected}) an event")), "{}", printed.output);
    });
}

#[test]
fn spans_nest_in_the_spans_of_the_host() {
    alone("logs::to_tracing::spans_nest_in_the_spans_of_the_host", &[], || {
        install(LevelFilter::INFO);
        let plugin = open("logs-tracing");
        tracing::info_span!(target: "host", "request").in_scope(|| {
            taken();
            call(&plugin, "nested");
        });
        assert_eq!(
            short(),
            [
                "new INFO outer in request depth=i64:1",
                "enter outer",
                "new INFO inner in outer depth=i64:2",
                "enter inner",
                "INFO in [request outer inner] message=Debug:in both",
                "exit inner",
                "close inner",
                "exit outer",
                "record outer later=str:filled in",
                "new INFO follower in none",
                "follower follows from outer",
                "INFO in [request outer] message=Debug:in the outer one only",
                "INFO in [] message=Debug:in none",
                "close follower",
                "close outer",
                "exit request",
                "close request",
            ]
        );
    });
}

#[test]
fn spans_are_right_across_threads_and_calls() {
    alone("logs::to_tracing::spans_are_right_across_threads_and_calls", &[], || {
        install(LevelFilter::INFO);
        let plugin = open("logs-tracing");
        plugin.lookup_fn::<fn(u32)>("in_threads").unwrap().call(8);
        let lines = short();
        let count = |line: &str| lines.iter().filter(|found| *found == line).count();
        for number in 0..8 {
            let event = format!("INFO in [moved own] message=Debug:in a thread number=u64:{number}");
            assert_eq!(count(&event), 1, "{lines:?}");
        }
        assert_eq!(count("new INFO moved in none"), 1);
        assert_eq!((count("enter moved"), count("exit moved"), count("close moved")), (8, 8, 1));
        assert_eq!((count("enter own"), count("exit own"), count("close own")), (8, 8, 8));
        assert_eq!(lines.last().unwrap(), "close moved");

        call(&plugin, "begin");
        std::thread::scope(|scope| {
            scope.spawn(|| call(&plugin, "go_on"));
        });
        call(&plugin, "go_on");
        assert_eq!(current(&plugin), "none");
        call(&plugin, "end");
        let going_on = ["enter open", "INFO in [open] message=Debug:going on", "exit open"];
        assert_eq!(short(), [&["new INFO open in none"][..], &going_on, &going_on, &["close open"]].concat());

        call(&plugin, "stale");
        assert_eq!(
            short(),
            [
                "new INFO closed in none",
                "close closed",
                "INFO in [] message=Debug:after it",
                "new INFO late in none",
                "close late"
            ]
        );
    });
}

#[test]
fn a_span_stays_with_the_subscriber_that_it_was_made_by() {
    alone("logs::to_tracing::a_span_stays_with_the_subscriber_that_it_was_made_by", &[], || {
        let plugin = open("logs-tracing");
        let ours = tracing_subscriber::registry().with(Keep);
        tracing::subscriber::with_default(ours, || call(&plugin, "begin"));
        // Nobody listens on this thread any more, and in the other one nobody ever did.
        call(&plugin, "go_on");
        call(&plugin, "end");
        assert_eq!(short(), ["new INFO open in none", "enter open", "exit open", "close open"]);
    });
}

#[test]
fn the_current_span_can_be_taken_along() {
    alone("logs::to_tracing::the_current_span_can_be_taken_along", &[], || {
        install(LevelFilter::INFO);
        let plugin = open("logs-tracing");
        tracing::info_span!(target: "host", "request").in_scope(|| {
            taken();
            call(&plugin, "take_along");
            assert_eq!(current(&plugin), "host", "the host's span, which the plugin has no name for");
        });
        assert_eq!(
            short(),
            [
                "enter request",
                "INFO in [request] message=Debug:taken along",
                "exit request",
                "exit request",
                "close request"
            ]
        );
        // And of its own spans it knows the name.
        assert_eq!(current(&plugin), "none");
    });
}

#[test]
fn the_level_of_the_host_holds_in_the_plugin() {
    alone("logs::to_tracing::the_level_of_the_host_holds_in_the_plugin", &[], || {
        let plugin = open("logs-tracing");
        let evaluated = plugin.lookup_fn::<fn(u32) -> u32>("evaluated").unwrap();
        let wanted = plugin.lookup_fn::<fn() -> bool>("wanted").unwrap();
        // Before there is a subscriber: a call site that was reached then is woken later.
        call(&plugin, "levels");
        assert_eq!((evaluated.call(3), wanted.call()), (0, false));

        let handle = install(LevelFilter::WARN);
        let levels = || {
            call(&plugin, "levels");
            let levels = taken().iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
            Vec::<String>::into_iter(levels).collect::<Vec<_>>().join(" ")
        };
        assert_eq!((levels(), evaluated.call(3), wanted.call()), ("ERROR WARN".to_owned(), 0, false));
        // Reloading the filter is all it takes.
        handle.reload(LevelFilter::TRACE).unwrap();
        assert_eq!(levels(), "ERROR WARN INFO DEBUG TRACE");
        assert_eq!((evaluated.call(3), wanted.call()), (3, true));
        taken();
        handle.reload(LevelFilter::ERROR).unwrap();
        assert_eq!((levels(), evaluated.call(3), wanted.call()), ("ERROR".to_owned(), 0, false));
    });
}

#[test]
fn a_subscriber_that_panics_does_not_take_the_plugin_down() {
    alone("logs::to_tracing::a_subscriber_that_panics_does_not_take_the_plugin_down", &[], || {
        struct Panics;
        impl<S: tracing::Subscriber> Layer<S> for Panics {
            fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
                assert!(is_of_the_host(event), "in the subscriber")
            }
        }
        subscribe(tracing_subscriber::registry().with(Panics));
        let plugin = open("logs-tracing");
        call(&plugin, "levels");
        call(&plugin, "nested");
    })
    .inspect(|printed| {
        let count = printed.errors.matches("in the subscriber").count();
        assert_eq!(count, 8, "the host's own panics are printed by the host: {}", printed.errors);
    });
}

#[test]
fn one_plugin_may_use_both() {
    alone("logs::to_tracing::one_plugin_may_use_both", &[], || {
        install(LevelFilter::INFO);
        Logger::install(log::LevelFilter::Info);
        call(&open("logs-tracing"), "levels");
        let lines = taken();
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert!(lines[3].starts_with("INFO logs_tracing::plugin Some"), "{lines:?}");
        assert!(lines[3].ends_with("\"a record of log\""), "{lines:?}");
    });
}

#[test]
fn many_threads_and_a_changing_filter() {
    alone("logs::to_tracing::many_threads_and_a_changing_filter", &[], || {
        let handle = install(LevelFilter::INFO);
        let plugin = open("logs-tracing");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..50).for_each(|_| call(&plugin, "nested")));
            }
            for level in [LevelFilter::OFF, LevelFilter::TRACE].repeat(50) {
                handle.reload(level).unwrap();
            }
        });
        let names: BTreeSet<String> = taken().into_iter().filter(|line| line.starts_with("enter")).collect();
        assert!(
            names.iter().all(|name| ["enter outer", "enter inner"].contains(&name.as_str())),
            "{names:?}"
        );
        handle.reload(LevelFilter::INFO).unwrap();
        call(&plugin, "nested");
        assert_eq!(taken().len(), 15);
    });
}
