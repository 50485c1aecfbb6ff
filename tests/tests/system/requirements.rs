//! What plugins require of each other and of their host: who gets what, who comes first, and who is refused.

use std::{error::Error as _, fs, path::PathBuf, process::Command, sync::Arc, time::Duration};

use graph_api::{Alpha, Beta, Clock, Delta, Epsilon, Part, Theta};
use integration::{Stage, command_line, constructed};
use plugin_host::{EventKind, LoadReport, OpenError, Plugin};

use crate::{chain, fixture};

const WITHIN: Duration = Duration::from_secs(5);

fn stage(names: &[&str]) -> Stage {
    let stage = Stage::new();
    for name in names {
        stage.add(&fixture(&format!("graph-{name}")));
    }
    stage
}

fn packages(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("graph-{name}")).collect()
}

fn lines(stage: &Stage, file: &str) -> Vec<String> {
    let text = fs::read_to_string(stage.path().join(file)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn names<'p>(plugins: impl IntoIterator<Item = &'p Plugin>) -> Vec<&'p str> {
    plugins.into_iter().map(|plugin| plugin.name().strip_prefix("graph-").unwrap()).collect()
}

/// The report without what differs from run to run.
fn text(report: &LoadReport, stage: &Stage) -> String {
    let directory = stage.path().canonicalize().unwrap();
    report.to_string().replace(directory.to_str().unwrap(), "plugins")
}

/// Where the constructor of a fixture leaves its trace.
fn trace_of(name: &str) -> PathBuf {
    let package = format!("graph-{name}");
    constructed(&fixture(&package), &package)
}

struct Noon;

impl Clock for Noon {
    fn trace(&self) -> String {
        "noon".into()
    }

    fn part(&self) -> Box<dyn Part> {
        Box::new(Said("noon"))
    }
}

struct Said(&'static str);

impl Part for Said {
    fn trace(&self) -> String {
        self.0.into()
    }
}

const DIAMOND: [&str; 4] = ["base", "left", "right", "top"];

#[test]
fn a_diamond_is_loaded_from_its_foot_and_called_through() {
    let stage = stage(&DIAMOND);
    let host = stage.host();
    let opened = host.load_all(packages(&["top", "right", "left", "base"])).into_result().unwrap();
    assert_eq!(names(&opened), DIAMOND);
    assert_eq!(
        opened[3].root::<dyn Delta>().unwrap().trace(),
        "graph-top(graph-left 0.1.0: graph-left(graph-base 0.1.0: graph-base()), \
         graph-right 0.1.0: graph-right(graph-base 0.1.0: graph-base()))"
    );
    // Once is enough: what is open is in the report again, and nothing starts twice.
    assert_eq!(host.load_all(host.discover().unwrap()).into_result().unwrap(), opened);
    assert_eq!(lines(&stage, "started").len(), 4);
}

#[test]
fn the_order_is_that_of_the_plugins_however_they_are_given() {
    let stage = stage(&["base", "left", "right", "top", "clocked", "newer"]);
    let host = stage.host().providing::<dyn Clock>(Arc::new(Noon));
    let mut given = host.discover().unwrap();
    given.extend(packages(&["left"]).into_iter().map(PathBuf::from));
    let mut orders = Vec::new();
    for turn in 0..given.len() {
        given.rotate_left(1);
        given.swap(0, turn / 2);
        let plan = host.plan_all(&given);
        assert!(plan.failures().is_empty(), "{:?}", plan.failures());
        let order = plan.order().map(|file| file.descriptor().unwrap().name.replace("graph-", ""));
        orders.push(order.collect::<Vec<_>>());
    }
    assert_eq!(orders[0], ["base", "clocked", "newer", "left", "right", "top"]);
    assert!(orders.iter().all(|order| *order == orders[0]), "{orders:?}");
    assert!(lines(&stage, "started").is_empty(), "a plan starts nothing");
}

#[test]
fn of_several_providers_the_highest_version_is_taken_and_all_are_offered() {
    let stage = stage(&["base", "newer", "left"]);
    let opened = stage.host().load_all(packages(&["left", "base", "newer"])).into_result().unwrap();
    assert_eq!(
        opened[2].root::<dyn Beta>().unwrap().trace(),
        "graph-left(graph-newer 0.1.0: graph-newer(), graph-base 0.1.0: graph-base())"
    );
}

#[test]
fn a_host_provides_its_own_object_first_and_from_init_on() {
    struct Own;
    impl Alpha for Own {
        fn trace(&self) -> String {
            "own".into()
        }

        fn part(&self) -> Box<dyn Part> {
            Box::new(Said("own"))
        }
    }
    let stage = stage(&["base", "clocked", "left"]);
    let host = stage.host().providing::<dyn Clock>(Arc::new(Noon)).providing::<dyn Alpha>(Arc::new(Own));
    let clocked = host.open("graph-clocked").unwrap();
    assert_eq!(lines(&stage, "started"), ["graph-clocked(the host: noon)"]);
    assert_eq!(clocked.root::<dyn Epsilon>().unwrap().trace(), "graph-clocked(the host: noon)");
    // What is optional is given as well.
    let base = host.open("graph-base").unwrap();
    assert_eq!(base.root::<dyn Alpha>().unwrap().trace(), "graph-base(the host: noon)");
    let left = host.open("graph-left").unwrap();
    assert_eq!(
        left.root::<dyn Beta>().unwrap().trace(),
        "graph-left(the host: own, graph-base 0.1.0: graph-base(the host: noon))"
    );
}

#[test]
fn a_plain_open_takes_what_is_open_and_refuses_what_lacks_something() {
    let stage = stage(&["base", "left", "drifted"]);
    let host = stage.host();
    let error = host.open("graph-left").unwrap_err();
    let OpenError::Unmet(unmet) = &error else { panic!("{error:?}") };
    assert_eq!((unmet.plugin.as_str(), unmet.unmet.len()), ("graph-left 0.1.0", 1));
    assert_eq!((&*unmet.unmet[0].interface, &*unmet.unmet[0].versions), ("graph_api::Alpha", "0.1"));
    assert!(
        error.to_string().contains("Host::load_all") && error.to_string().contains("Host::providing"),
        "{error}"
    );

    host.open("graph-drifted").unwrap();
    let error = host.open("graph-left").unwrap_err().to_string();
    assert!(error.contains("found 0.1.0 of graph-drifted 0.1.0 in"), "{error}");
    assert!(error.contains("Alpha::first: expected none, found method `fn(&self) -> u8`"), "{error}");
    assert!(lines(&stage, "started").iter().all(|line| !line.starts_with("graph-left")));
    let refused = host.events().into_iter().filter(|event| event.kind == EventKind::Refused);
    assert!(refused.map(|event| event.plugin.to_string()).eq(["graph-left 0.1.0"; 2]));

    host.open("graph-base").unwrap();
    host.open("graph-left").unwrap();
}

#[test]
fn a_plugin_gives_nothing_to_its_next_generation() {
    let stage = stage(&["decorator"]);
    let host = stage.host();
    let old = host.open("graph-decorator").unwrap();
    let trace = |plugin: &Plugin| plugin.root::<dyn Theta>().unwrap().trace();
    assert_eq!(trace(&old), "graph-decorator()");
    let file = old.path().to_owned();
    let new = stage.add_as(&fixture("graph-decorator"), "new");
    fs::rename(new, &file).unwrap();
    let new = host.reload(&old).unwrap();
    assert_eq!((trace(&new), new.generation()), ("graph-decorator()".to_owned(), 2));
    assert!(old.holders().is_empty(), "{:?}", old.holders());
}

#[test]
fn every_problem_is_reported_at_once_and_nothing_of_it_is_mapped() {
    let never = ["picky", "behind-picky", "twin-a", "twin-b", "ring-a", "ring-b", "ring-c"];
    let stage = stage(&never);
    stage.add(&fixture("graph-base"));
    stage.write("libtext.so", "no library");
    let host = stage.host().providing::<dyn Clock>(Arc::new(Noon));
    let plan = host.plan_all(host.discover().unwrap());
    assert_eq!(plan.failures().len(), 8);
    let report = plan.load();
    assert_eq!(names(&report.opened), ["base"]);
    insta::assert_snapshot!(text(&report, &stage));
    for name in never {
        assert!(!trace_of(name).exists(), "code of {name} ran");
    }
}

#[test]
fn a_plugin_that_fails_takes_its_dependants_with_it_and_nobody_else() {
    let stage = stage(&["base", "left", "right", "top", "clocked"]);
    stage.write("fail-graph-left", "");
    let host = stage.host().providing::<dyn Clock>(Arc::new(Noon));
    let report = host.load_all(host.discover().unwrap());
    assert_eq!(names(&report.opened), ["base", "clocked", "right"]);
    let [left, top] = &report.failures[..] else { panic!("{report}") };
    assert!(matches!(*left.error, OpenError::Init { .. }), "{left}");
    assert_eq!(left.plugin, "graph-left 0.1.0");
    let failed = chain(&*top.error);
    assert!(failed.starts_with("plugin graph-top 0.1.0 in "), "{failed}");
    assert!(
        failed.ends_with(
            "requires graph_api::Beta of graph-left 0.1.0, which failed: plugin graph-left 0.1.0 did not start: init was asked to fail"
        ),
        "{failed}"
    );

    // Whoever has another provider goes on.
    fs::remove_file(stage.path().join("fail-graph-left")).unwrap();
    assert_eq!(names(&host.load_all(packages(&["top", "left"])).opened), ["left", "top"]);
}

#[test]
fn another_provider_will_do_where_the_best_fails() {
    let stage = stage(&["base", "newer", "left"]);
    stage.write("fail-graph-newer", "");
    let host = stage.host();
    let report = host.load_all(host.discover().unwrap());
    assert_eq!(names(&report.opened), ["base", "left"]);
    let left = report.opened[1].root::<dyn Beta>().unwrap();
    assert_eq!(left.trace(), "graph-left(graph-base 0.1.0: graph-base())");
}

#[test]
fn shutting_down_goes_backwards_and_on_after_an_error() {
    let stage = stage(&DIAMOND);
    stage.write("stuck-graph-right", "");
    let host = stage.host();
    let opened = host.load_all(host.discover().unwrap()).into_result().unwrap();
    // Nobody is stopped under those who use it.
    assert!(opened[0].shutdown(Duration::ZERO).is_err());
    let errors = host.shutdown_all(WITHIN);
    assert_eq!(lines(&stage, "stopped"), packages(&["top", "right", "left", "base"]));
    let [error] = &errors[..] else { panic!("{errors:?}") };
    assert!(error.to_string().contains("graph-right 0.1.0") && error.source().is_none(), "{error}");
    assert!(host.shutdown_all(WITHIN).is_empty(), "it is done");
    let ended = host.events().into_iter().filter(|event| event.kind == EventKind::ShutDown);
    assert!(ended.map(|event| event.plugin.to_string()).eq([
        "graph-top 0.1.0",
        "graph-left 0.1.0",
        "graph-base 0.1.0"
    ]));
}

/// The functions and the threads of a plugin go on after its end, with what they have of others.
#[test]
fn what_was_required_is_never_dropped() {
    let stage = stage(&["base", "left"]);
    let host = stage.host();
    let opened = host.load_all(packages(&["base", "left"])).into_result().unwrap();
    let (base, left) = (&opened[0], &opened[1]);
    left.shutdown(WITHIN).unwrap();
    fs::rename(stage.add_as(&fixture("graph-base"), "new"), base.path()).unwrap();
    let new = host.reload(base).unwrap();
    assert_eq!(new.root::<dyn Alpha>().unwrap().trace(), "graph-base()");
    assert_eq!(lines(&stage, "stopped"), ["graph-left", "graph-base"]);
    assert_eq!(lines(&stage, "dropped"), Vec::<String>::new());

    // What nobody required is.
    fs::rename(stage.add_as(&fixture("graph-base"), "newer"), new.path()).unwrap();
    host.reload(&new).unwrap();
    assert_eq!(lines(&stage, "dropped"), ["graph-base"]);
}

#[test]
fn the_command_line_shows_what_a_plugin_requires() {
    let output = Command::new(command_line()).arg("inspect").arg(fixture("graph-picky")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let required = text.lines().filter(|line| line.starts_with("requires") || line.contains("// required"));
    insta::assert_snapshot!(required.collect::<Vec<_>>().join("\n"), @r"
    requires graph_api::Alpha 0.1.0: Send + Sync
      // required: versions >=0.2
    requires graph_api::Nobodys 0.1.0: Send + Sync
      // required: any compatible version
    requires graph_api::Clock 1.2.0: Send + Sync
      // required: versions 2
    ");
}
