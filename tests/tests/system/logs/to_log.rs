//! Records of `log`.

use std::sync::atomic::Ordering::SeqCst;

use log::LevelFilter;
use plugin_host::{refresh_log_levels, symbol};

use super::{
    Ended, alone, call, open,
    records::{CALLS, Logger, taken},
};

/// The levels of what was kept.
fn levels() -> Vec<String> {
    taken().iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn a_record_arrives_with_everything() {
    alone("logs::to_log::a_record_arrives_with_everything", &[], || {
        Logger::install(LevelFilter::Info);
        let plugin = open("logs-log");
        // Connected before `#[init]` runs.
        assert!(taken()[0].contains("\"starting\""));
        let line = plugin.lookup_fn::<fn() -> u32>("everything").unwrap().call();
        let [record] = taken().try_into().unwrap();
        let (min, max) = (i128::MIN, u128::MAX);
        assert_eq!(
            record,
            format!(
                "WARN some::target Some(\"logs_log::plugin\") lib.rs Some({line}) \"message 7\" signed=i64:-1 \
                 unsigned=u64:2 big=i128:{min} bigger=u128:{max} real=f64:0.5 yes=bool:true text=&str:text \
                 letter=&str:x shown=kv::Value<'_>:127.0.0.1 nothing=null"
            )
        );
    });
}

#[test]
fn the_level_of_the_host_holds_in_the_plugin() {
    alone("logs::to_log::the_level_of_the_host_holds_in_the_plugin", &[], || {
        Logger::install(LevelFilter::Warn);
        let plugin = open("logs-log");
        let wanted = symbol!(plugin, wanted: fn(debugging: bool, target: &str) -> bool).unwrap();
        let calls = || CALLS.swap(0, SeqCst);
        assert_eq!((levels(), calls()), (vec![], 0));

        call(&plugin, "levels");
        // Each is asked about and then given: twice two.
        assert_eq!((levels(), calls()), (vec!["ERROR".to_owned(), "WARN".to_owned()], 4));
        assert!(!wanted(true, "any"));
        assert_eq!(calls(), 0, "a level that is off is decided in the plugin");
        assert_eq!((wanted(false, "any"), wanted(false, "quiet")), (true, false));

        log::set_max_level(LevelFilter::Trace);
        refresh_log_levels();
        call(&plugin, "levels");
        assert_eq!(levels(), ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"]);
        assert!(wanted(true, "any"));

        // Lower holds at once: the host decides.
        log::set_max_level(LevelFilter::Error);
        call(&plugin, "levels");
        assert_eq!(levels(), ["ERROR"]);
        assert!(!wanted(true, "any"));

        log::set_max_level(LevelFilter::Off);
        refresh_log_levels();
        calls();
        call(&plugin, "levels");
        assert_eq!((levels(), calls()), (vec![], 0));
    });
}

#[test]
fn a_logger_that_panics_does_not_take_the_plugin_down() {
    alone("logs::to_log::a_logger_that_panics_does_not_take_the_plugin_down", &[], || {
        struct Panics;
        impl log::Log for Panics {
            fn enabled(&self, _: &log::Metadata<'_>) -> bool {
                true
            }
            fn log(&self, record: &log::Record<'_>) {
                std::panic::panic_any(record.level())
            }
            fn flush(&self) {}
        }
        log::set_logger(&Panics).unwrap();
        log::set_max_level(LevelFilter::Info);
        let plugin = open("logs-log");
        call(&plugin, "levels");
        let explode = symbol!(plugin, explode: fn(message: &str)).unwrap();
        // The logger does not take the panic, so it is printed, and goes on.
        let panic = std::panic::catch_unwind(|| explode("still here")).unwrap_err();
        assert_eq!(*panic.downcast::<String>().unwrap(), "still here");
    })
    .inspect(|printed| {
        assert_eq!(printed.errors.matches("still here").count(), 1, "{}", printed.errors);
    });
}

#[test]
fn what_panics_while_it_is_formatted_panics_in_the_plugin() {
    alone("logs::to_log::what_panics_while_it_is_formatted_panics_in_the_plugin", &[], || {
        Logger::install(LevelFilter::Error);
        let plugin = open("logs-log");
        let angry = plugin.lookup_fn::<fn()>("angry").unwrap();
        assert_eq!(angry.try_call().unwrap_err().message(), "this has no text");
        let [record] = taken().try_into().unwrap();
        assert!(record.starts_with("ERROR panic "), "{record}");
    });
}

#[test]
fn a_plugin_with_a_logger_of_its_own_keeps_it() {
    let test = "logs::to_log::a_plugin_with_a_logger_of_its_own_keeps_it";
    let printed = alone(test, &[("LOGS_LOG_OWN_LOGGER", "1")], || {
        Logger::install(LevelFilter::Error);
        let plugin = open("logs-log");
        call(&plugin, "levels");
        refresh_log_levels();
        call(&plugin, "levels");
        assert_eq!(levels(), Vec::<String>::new());
        // A panic is the host's all the same.
        let explode = symbol!(plugin, explode: fn(message: &str)).unwrap();
        assert!(std::panic::catch_unwind(|| explode("boom")).is_err());
        assert_eq!(levels(), ["ERROR"]);
    });
    if let Some(Ended { output, errors, .. }) = printed {
        let own: Vec<&str> = output.lines().filter(|line| line.contains("own logger: ")).collect();
        assert_eq!(own.len(), 7, "its level is its own, too: {output}");
        assert_eq!(errors, "");
    }
}
