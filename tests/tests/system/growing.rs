//! Types that grow, between libraries built against two versions of one interface, either of which is the newer.

use integration::{GROWN, Stage, Variant};
use plugin_host::symbol;

use crate::{fixture, refusal};

fn old_request() -> growing_old::Request {
    growing_old::Request { name: "x".to_owned(), retry: Some(growing_old::Retry { times: 2 }) }
}

fn new_request(id: u32) -> growing_new::Request {
    growing_new::Request {
        name: "x".to_owned(),
        retry: Some(growing_new::Retry { times: 2, pause: 9 }),
        tags: vec!["t".to_owned()],
        token: growing_new::Token { id },
    }
}

#[test]
fn a_newer_plugin_gets_defaults_and_keeps_what_its_host_does_not_know() {
    use growing_old::{Batch, Event, Request, Retry, Worker};
    let stage = Stage::with(&fixture("growing"));
    let plugin = stage.host().open("growing").unwrap();
    let worker = plugin.root::<dyn Worker>().unwrap();
    let batch = || Batch {
        requests: vec![old_request(), Request { name: String::new(), retry: None }],
        last: Some(Event::Finished(old_request())),
    };
    assert_eq!(worker.echo(batch()), batch());
    // One token for each request, made by default in the plugin, and dropped there.
    assert_eq!(worker.dropped(), 3);
    let request = Request { name: "new".to_owned(), retry: Some(Retry { times: 3 }) };
    assert_eq!(
        worker.newest(),
        [Event::Started, Event::Finished(request), Event::Other("Paused".to_owned())]
    );
    assert_eq!(worker.dropped(), 2);
    assert_eq!(
        worker.seen(Event::Finished(old_request())),
        "Finished(Request { name: \"x\", retry: Some(Retry { times: 2, pause: 250 }), tags: [], token: Token { id: 0 } })"
    );
    assert_eq!(worker.dropped(), 1);
    assert_eq!(worker.seen(Event::Other("Paused".to_owned())), "Other(\"Paused\")");
    assert_eq!((worker.seen(Event::Started), worker.dropped()), ("Started".to_owned(), 0));

    let echo = plugin.lookup_fn::<fn(Vec<Request>) -> Vec<Request>>("echo_all").unwrap();
    assert_eq!(echo.call(vec![old_request()]), [old_request()]);
    let name = symbol!(plugin, name: fn(text: &str, request: Request) -> String).unwrap();
    assert_eq!(name("", old_request()), "x");
}

#[test]
fn a_newer_host_gets_defaults_and_keeps_what_its_plugin_does_not_know() {
    use growing_new::{Batch, Event, Request, Retry, Token, Worker, dropped};
    let stage = Stage::with(&fixture("growing-old"));
    let plugin = stage.host().open("growing-old").unwrap();
    let worker = plugin.root::<dyn Worker>().unwrap();
    assert_eq!(dropped(), 0);
    let back = worker.echo(Batch {
        requests: vec![new_request(1), new_request(2)],
        last: Some(Event::Paused { token: Token { id: 3 }, retry: Retry { times: 1, pause: 1 } }),
    });
    // What the plugin did not take was dropped here, once; what it did not send was made here.
    assert_eq!(dropped(), 3);
    let expected = || Request {
        name: "x".to_owned(),
        retry: Some(Retry { times: 2, pause: 250 }),
        tags: vec![],
        token: Token::default(),
    };
    let requests = vec![expected(), expected()];
    assert_eq!(back, Batch { requests, last: Some(Event::Other("Paused".to_owned())) });
    drop(back);
    assert_eq!(dropped(), 4);
    assert_eq!(
        worker.seen(Event::Finished(new_request(4))),
        "Finished(Request { name: \"x\", retry: Some(Retry { times: 2 }) })"
    );
    assert_eq!(dropped(), 1);
    let [Event::Started, Event::Finished(request)] = &worker.newest()[..] else { panic!() };
    assert_eq!((request.name.as_str(), request.retry.as_ref().unwrap().pause), ("old", 250));

    let echo = plugin.lookup_fn::<fn(Vec<Request>) -> Vec<Request>>("echo_all").unwrap();
    assert_eq!(echo.call(vec![new_request(5)]), [expected()]);
    let name = symbol!(plugin, name: fn(text: &str, request: Request) -> String).unwrap();
    assert_eq!(name("", new_request(6)), "x");
}

#[test]
fn one_version_on_both_sides_keeps_everything() {
    use growing_new::Worker as _;
    use growing_old::Worker as _;
    let stage = Stage::with(&fixture("growing"));
    let worker = stage.host().open_root::<dyn growing_new::Worker>("growing").unwrap();
    let newest = worker.newest();
    assert_eq!(newest, growing_new::newest());
    assert_eq!(worker.dropped(), 0);
    core::mem::forget(newest);

    let stage = Stage::with(&fixture("growing-old"));
    let worker = stage.host().open_root::<dyn growing_old::Worker>("growing-old").unwrap();
    assert_eq!(worker.newest(), growing_old::newest());
}

#[test]
fn every_change_gets_its_verdict() {
    use growing_new::Worker as _;
    let mut wrong = Vec::new();
    for Variant { name, refusal: expected, .. } in GROWN {
        let package = format!("growing-{name}");
        let stage = Stage::with(&fixture(&package));
        let found = match stage.host().open_root::<dyn growing_new::Worker>(&package) {
            Ok(worker) => {
                let seen = worker.seen(growing_new::Event::Other("x".to_owned()));
                assert_eq!(seen, "Other(\"x\")", "{name}");
                Vec::new()
            }
            Err(error) => refusal(error),
        };
        if found != *expected {
            wrong.push(format!("{name}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
