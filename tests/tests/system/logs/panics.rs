//! A panic in a plugin is an error in the host's log, once, instead of text on standard error.

use std::panic::catch_unwind;

use integration::{Stage, built_alone};
use plugin_core::PluginPanic;
use plugin_host::{Plugin, symbol};
use tracing_subscriber::layer::SubscriberExt;

use super::{
    Ended, alone, call, open,
    records::{Keep, Logger, subscribe, taken},
};

/// What the plugin's panic is as an error, and as a panic of the host's that is caught.
fn explode(plugin: &Plugin) -> PluginPanic {
    let function = symbol!(plugin, explode: fn(message: &str)).unwrap();
    assert_eq!(
        *catch_unwind(|| function("out of luck")).unwrap_err().downcast::<String>().unwrap(),
        "out of luck"
    );
    let function = plugin.lookup_fn::<fn(&'static str)>("explode").unwrap();
    function.try_call("out of luck").unwrap_err()
}

fn location(panic: &PluginPanic) -> String {
    let (file, line, column) = panic.location().unwrap();
    format!("{file}:{line}:{column}")
}

/// The thread of a test is named after it.
fn this_thread() -> String {
    std::thread::current().name().unwrap().to_owned()
}

#[test]
fn one_record_of_log() {
    let printed = alone("logs::panics::one_record_of_log", &[], || {
        Logger::install(log::LevelFilter::Error);
        let plugin = open("logs-log");
        let panic = explode(&plugin);
        let at = location(&panic);
        let line = at.split(':').nth(1).unwrap();
        let record = format!(
            "ERROR panic None lib.rs Some({line}) \"plugin logs-log panicked at {at}: out of luck\" \
             plugin=&str:logs-log thread=&str:{} location=&str:{at}",
            this_thread()
        );
        assert_eq!(taken(), [record.as_str(), &record]);
        assert_eq!(panic.backtrace(), None);

        call(&plugin, "explode_elsewhere");
        let [record] = taken().try_into().unwrap();
        assert!(record.contains("a panic whose payload is not text"), "{record}");
        assert!(record.contains("thread=&str:worker"), "{record}");
    });
    printed.inspect(|Ended { errors, .. }| assert_eq!(errors, ""));
}

#[test]
fn one_event_of_tracing() {
    let printed = alone("logs::panics::one_event_of_tracing", &[], || {
        subscribe(tracing_subscriber::registry().with(Keep));
        // Which would take it as well.
        Logger::install(log::LevelFilter::Error);
        let panic = explode(&open("logs-tracing"));
        let event = format!(
            "ERROR panic None none panic in [fuse] message=Debug:out of luck plugin=str:logs-tracing thread=str:{} \
             location=str:{}",
            this_thread(),
            location(&panic)
        );
        let lines = taken();
        let errors: Vec<&String> = lines.iter().filter(|line| line.starts_with("ERROR")).collect();
        assert_eq!(errors, [&event, &event], "{lines:?}");
    });
    printed.inspect(|Ended { errors, .. }| assert_eq!(errors, ""));
}

#[test]
fn nobody_who_wants_errors_means_standard_error() {
    let test = "logs::panics::nobody_who_wants_errors_means_standard_error";
    let printed = alone(test, &[], || {
        for plugin in ["logs-log", "logs-tracing", "logs-nothing"] {
            explode(&open(plugin));
        }
        // A logger makes no difference for a plugin that forwards nothing, but for the others it does.
        Logger::install(log::LevelFilter::Error);
        explode(&open("logs-nothing"));
        assert!(taken().is_empty());
        explode(&open("logs-tracing"));
        assert_eq!(taken().len(), 2);
    });
    printed.inspect(|Ended { errors, .. }| {
        assert_eq!(errors.matches("out of luck").count(), 8, "{errors}");
        assert_eq!(errors.matches("src/lib.rs:").count(), 8, "{errors}");
    });
}

#[test]
fn a_backtrace_as_the_environment_says() {
    let test = "logs::panics::a_backtrace_as_the_environment_says";
    for (environment, is_captured) in [
        (&[][..], false),
        (&[("RUST_BACKTRACE", "1")], true),
        (&[("RUST_BACKTRACE", "0")], false),
        (&[("RUST_LIB_BACKTRACE", "1")], true),
        (&[("RUST_BACKTRACE", "1"), ("RUST_LIB_BACKTRACE", "0")], false),
    ] {
        let printed = alone(test, environment, || {
            subscribe(tracing_subscriber::registry().with(Keep));
            // A backtrace is read from the files.
            let stage = Stage::with(&built_alone("logs-tracing"));
            stage.add(&built_alone("logs-nothing"));
            let host = stage.host();
            let of_tracing = explode(&host.open("logs-tracing").unwrap());
            let events = taken();
            let event = events.iter().find(|line| line.starts_with("ERROR panic")).unwrap();
            let of_nothing = explode(&host.open("logs-nothing").unwrap());
            for (panic, file) in
                [(of_tracing, "logs-tracing/src/lib.rs"), (of_nothing, "logs-nothing/src/lib.rs")]
            {
                println!("backtrace: {}", panic.backtrace().is_some_and(|text| text.contains(file)));
                println!("absent: {}", panic.backtrace().is_none());
            }
            println!(
                "backtrace: {}",
                event.contains(" backtrace=str:") && event.contains("logs-tracing/src/lib.rs")
            );
            println!("absent: {}", !event.contains(" backtrace="));
        });
        // The child has its one environment.
        let Some(Ended { output, .. }) = printed else { return };
        assert_eq!(
            output.matches(&format!("backtrace: {is_captured}")).count(),
            3,
            "{environment:?}: {output}"
        );
        assert_eq!(
            output.matches(&format!("absent: {}", !is_captured)).count(),
            3,
            "{environment:?}: {output}"
        );
    }
}
