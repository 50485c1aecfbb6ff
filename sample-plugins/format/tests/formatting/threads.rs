//! The formatters are shared by as many threads as there are; a panic in one of them is that one's.

use std::{path::Path, thread};

use crate::{direct, stage};

const THREADS: usize = 16;
const ROUNDS: usize = 50;

#[test]
fn many_threads_get_the_same_answers() {
    let texts = [
        ("a.json", "{\"a\":[1,2],\"b\":{}}"),
        ("b.json", "{ broken"),
        ("Cargo.toml", "[dependencies]\nb='1'\na='1'\n"),
        (
            "c.md",
            "Title\n=====\n\n1) one\n2) two\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n```json\n{\"a\":1}\n```\n",
        ),
    ];
    let expected = texts.map(|(file, text)| direct::format(Path::new(file), text, None));
    let formatters = stage::formatters();
    let ask = |file: &str, text: &str| {
        let file = Path::new(file);
        let formatter = formatters.of_file(file).unwrap();
        formatters.format(formatter, file, text, None).map_err(|error| error.to_string())
    };
    let panicked = "the formatter panicked: out of luck with d.faulty".to_owned();
    thread::scope(|scope| {
        for first in 0..THREADS {
            let (expected, ask, panicked) = (&expected, &ask, &panicked);
            scope.spawn(move || {
                for round in first..first + ROUNDS {
                    let (file, text) = texts[round % texts.len()];
                    let answer = ask(file, text);
                    assert_eq!(&answer, &expected[round % texts.len()], "{file}");
                    // Each panic is printed: once is enough.
                    if round == first {
                        assert_eq!(ask("d.faulty", "panic").as_ref(), Err(panicked));
                    }
                }
            });
        }
    });
}
