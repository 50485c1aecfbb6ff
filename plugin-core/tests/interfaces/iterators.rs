//! Iterators: boxed, and lent for a call.

use std::panic::{AssertUnwindSafe, catch_unwind};

use plugin_core::{Instance, plugin_interface};

#[plugin_interface]
pub(crate) trait Yields {
    fn words(&self) -> Box<dyn Iterator<Item = &str> + '_>;
    fn count_down(&self, from: u32) -> Box<dyn Iterator<Item = u32>>;
    fn failing(&self) -> Box<dyn Iterator<Item = String> + Send>;
    fn shared(&self) -> Box<dyn Iterator<Item = Option<u8>> + Send + Sync>;
    fn doubled<'a>(&self, numbers: Box<dyn Iterator<Item = u32> + 'a>) -> Box<dyn Iterator<Item = u32> + 'a>;
    fn take_two(&self, texts: &mut dyn Iterator<Item = String>) -> Vec<String>;
    fn hint(&self, numbers: &mut dyn Iterator<Item = u32>) -> (usize, Option<usize>);
    fn named<'a, 'b>(&self, numbers: &'a mut (dyn Iterator<Item = u32> + 'b)) -> u32;
    fn optional(
        &self,
        numbers: Option<Box<dyn Iterator<Item = u32> + '_>>,
    ) -> Vec<Box<dyn Iterator<Item = u32>>>;
}

struct Text(String);

impl Yields for Text {
    fn words(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        Box::new(self.0.split(' '))
    }
    fn count_down(&self, from: u32) -> Box<dyn Iterator<Item = u32>> {
        Box::new((0..from).rev())
    }
    fn failing(&self) -> Box<dyn Iterator<Item = String> + Send> {
        Box::new((0..3).map(|number| {
            assert_ne!(number, 1, "no one");
            number.to_string()
        }))
    }
    fn shared(&self) -> Box<dyn Iterator<Item = Option<u8>> + Send + Sync> {
        Box::new([Some(1), None].into_iter())
    }
    fn doubled<'a>(&self, numbers: Box<dyn Iterator<Item = u32> + 'a>) -> Box<dyn Iterator<Item = u32> + 'a> {
        Box::new(numbers.map(|number| 2 * number))
    }
    fn take_two(&self, texts: &mut dyn Iterator<Item = String>) -> Vec<String> {
        texts.take(2).collect()
    }
    fn hint(&self, numbers: &mut dyn Iterator<Item = u32>) -> (usize, Option<usize>) {
        numbers.size_hint()
    }
    fn named<'a, 'b>(&self, numbers: &'a mut (dyn Iterator<Item = u32> + 'b)) -> u32 {
        numbers.sum()
    }
    fn optional(
        &self,
        numbers: Option<Box<dyn Iterator<Item = u32> + '_>>,
    ) -> Vec<Box<dyn Iterator<Item = u32>>> {
        numbers.into_iter().flatten().map(|number| self.count_down(number)).collect()
    }
}

fn text() -> Instance<dyn Yields> {
    Instance::new(Text("a few words".into()))
}

#[test]
fn boxed() {
    let text = text();
    assert_eq!(text.words().collect::<Vec<_>>(), ["a", "few", "words"]);
    assert_eq!(text.count_down(3).collect::<Vec<_>>(), [2, 1, 0]);
    assert_eq!(text.shared().collect::<Vec<_>>(), [Some(1), None]);
    let offset = 10;
    let borrowing = [1, 2].into_iter().map(|number| number + offset);
    assert_eq!(text.doubled(Box::new(borrowing)).collect::<Vec<_>>(), [22, 24]);
    let sums = text.optional(Some(Box::new([1, 3].into_iter()))).into_iter().map(Iterator::sum::<u32>);
    assert_eq!(sums.collect::<Vec<_>>(), [0, 3]);
    assert!(text.optional(None).is_empty());
}

#[test]
fn sizes_are_those_of_the_iterator() {
    let text = text();
    let mut numbers = text.count_down(3);
    for left in [3, 2, 1, 0, 0] {
        assert_eq!(numbers.size_hint(), (left, Some(left)));
        numbers.next();
    }
    assert_eq!(text.hint(&mut (0..7)), (7, Some(7)));
    assert_eq!(text.hint(&mut (0..).filter(|number| *number > 3)), (0, None));
}

#[test]
fn lent_iterators_move_on() {
    let text = text();
    let mut numbers = (1..).map(|number: u32| number.to_string());
    assert_eq!(text.take_two(&mut numbers), ["1", "2"]);
    assert_eq!(text.take_two(&mut numbers), ["3", "4"]);
    assert_eq!(numbers.next().as_deref(), Some("5"));
    assert_eq!(text.named(&mut (1..4)), 6);
}

#[test]
fn a_panic_in_an_iterator_goes_on_in_the_caller() {
    let text = text();
    let mut failing = text.failing();
    assert_eq!(failing.next().as_deref(), Some("0"));
    let panic = catch_unwind(AssertUnwindSafe(|| failing.next())).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("no one"));
    assert_eq!(failing.next().as_deref(), Some("2"));

    // Through the other side and back.
    let mut lent = (0..3).map(|number| {
        assert_ne!(number, 1, "no one here");
        number.to_string()
    });
    let panic = catch_unwind(AssertUnwindSafe(|| text.take_two(&mut lent))).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("no one here"));
    assert_eq!(lent.next().as_deref(), Some("2"));
}

const _: () = {
    const fn is_send<T: Send>(_: &T) {}
    const fn is_sync<T: Sync>(_: &T) {}
    #[expect(dead_code, reason = "for its bounds")]
    fn promises(text: &Instance<dyn Yields>) {
        is_send(&text.failing());
        is_sync(&text.shared());
    }
};
