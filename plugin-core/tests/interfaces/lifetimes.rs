//! Lifetimes, written and elided.

use plugin_core::{Instance, StableLayout, abi::RStr, plugin_interface};

#[derive(Debug, Clone, Copy, PartialEq, StableLayout)]
#[repr(C)]
pub(crate) struct Word<'a> {
    text: RStr<'a>,
    line: u32,
}

/// Every way to say what a result borrows from.
#[plugin_interface]
pub(crate) trait Picks {
    fn pick<'a>(&self, first: &'a str, second: &'a str) -> &'a str;
    fn of_own<'a>(&'a self, default: &str) -> &'a str;
    fn elided(&self, ignored: &str) -> &str;
    fn anonymous(&self, word: Word<'_>) -> u32;
    fn word<'a>(&self, text: &'a str) -> Word<'a>;
    fn own_word(&self) -> Word<'_>;
    fn longest<'long: 'short, 'short>(&self, first: &'long str, second: &'short str) -> &'short str;
    fn bounded<'a, 'b>(&'a self, text: &'b str) -> &'a str
    where
        'b: 'a;
    fn forever(&self) -> &'static str;
    fn exclusive<'a>(&'a mut self, word: &mut Word<'a>);
    fn words<'a>(&self, words: &[Word<'a>]) -> Option<Word<'a>>;
    fn part<'a>(&self, bytes: &'a mut [u8]) -> &'a mut [u8];
}

struct Owner(String);

impl Picks for Owner {
    fn pick<'a>(&self, first: &'a str, second: &'a str) -> &'a str {
        if first.len() < second.len() { second } else { first }
    }
    fn of_own<'a>(&'a self, _: &str) -> &'a str {
        &self.0
    }
    fn elided(&self, _: &str) -> &str {
        &self.0
    }
    fn anonymous(&self, word: Word<'_>) -> u32 {
        word.line
    }
    fn word<'a>(&self, text: &'a str) -> Word<'a> {
        Word { text: text.into(), line: 1 }
    }
    fn own_word(&self) -> Word<'_> {
        Word { text: self.0.as_str().into(), line: 2 }
    }
    fn longest<'long: 'short, 'short>(&self, first: &'long str, second: &'short str) -> &'short str {
        self.pick(first, second)
    }
    fn bounded<'a, 'b>(&'a self, text: &'b str) -> &'a str
    where
        'b: 'a,
    {
        text
    }
    fn forever(&self) -> &'static str {
        "forever"
    }
    fn exclusive<'a>(&'a mut self, word: &mut Word<'a>) {
        word.text = self.0.as_str().into();
    }
    fn words<'a>(&self, words: &[Word<'a>]) -> Option<Word<'a>> {
        words.first().copied()
    }
    fn part<'a>(&self, bytes: &'a mut [u8]) -> &'a mut [u8] {
        &mut bytes[1..]
    }
}

#[test]
fn results_borrow_from_what_they_say() {
    let mut owner = Instance::<dyn Picks>::new(Owner("own".into()));
    let long = "long".to_owned();
    let picked = {
        let owner = Instance::<dyn Picks>::new(Owner(String::new()));
        owner.pick(&long, "s")
    };
    assert_eq!(picked, "long");
    let own = {
        let default = String::from("default");
        owner.of_own(&default)
    };
    assert_eq!(own, "own");
    assert_eq!(owner.elided(""), "own");
    let word = owner.word(&long);
    assert_eq!(owner.anonymous(word), 1);
    assert_eq!(owner.words(&[word]), Some(word));
    assert_eq!(owner.own_word().text, "own");
    assert_eq!(owner.longest(&long, "longest"), "longest");
    assert_eq!(owner.bounded(&long), "long");
    let forever = Instance::<dyn Picks>::new(Owner(String::new())).forever();
    assert_eq!(forever, "forever");
    let mut bytes = [1, 2, 3];
    owner.part(&mut bytes)[0] = 9;
    assert_eq!(bytes, [1, 9, 3]);
    let mut word = word;
    owner.exclusive(&mut word);
    assert_eq!(word.text, "own");
}
