//! Growth: both axes logarithmic, so that what is linear is a straight line, and as steep as any other that is.

use std::path::Path;

use plotters::{
    element::DashedPathElement,
    prelude::*,
    style::text_anchor::{HPos, VPos},
};

use super::{Area, GREY, LIGHT, colour, line, ticks, write, write_upwards};
use crate::{
    Outcome,
    results::{Curve, Plot},
};

const WIDTH: i32 = 800;
const HEIGHT: i32 = 440;
const LEFT: i32 = 90;
/// To the right of it stand the names.
const RIGHT: i32 = WIDTH - 210;
const TOP: i32 = 48;
const BOTTOM: i32 = HEIGHT - 62;
/// Between the middles of two names.
const LINE: i32 = 16;

/// A logarithmic axis.
struct Axis {
    ticks: Vec<f64>,
    /// Where its ends are.
    from: i32,
    to: i32,
}

impl Axis {
    fn new(values: impl Iterator<Item = f64> + Clone, from: i32, to: i32) -> Self {
        let least = values.clone().fold(f64::MAX, f64::min);
        let most = values.fold(0.0, f64::max);
        let ticks = if least <= most { ticks::logarithmic(least, most) } else { vec![1.0, 10.0] };
        Self { ticks, from, to }
    }

    fn at(&self, value: f64) -> i32 {
        let end = |tick: Option<&f64>| tick.copied().unwrap_or(1.0).ln();
        let (first, last) = (end(self.ticks.first()), end(self.ticks.last()));
        let part = (value.ln() - first) / (last - first);
        self.from + (part * f64::from(self.to - self.from)).round() as i32
    }

    /// Marks with names: all, or, if they are many, the powers of ten.
    fn named(&self) -> impl Iterator<Item = (f64, bool)> {
        let few = self.ticks.len() <= 7;
        self.ticks.iter().map(move |tick| (*tick, few || ticks::is_power(*tick)))
    }
}

pub(super) fn draw(file: &Path, plot: &Plot) -> Outcome<()> {
    let area = SVGBackend::new(file, (WIDTH.unsigned_abs(), HEIGHT.unsigned_abs())).into_drawing_area();
    area.fill(&WHITE)?;
    let Plot { file: _, title, caption: _, of, what, unit, curves } = plot;
    write(&area, title, (WIDTH / 2, TOP / 2), (HPos::Center, VPos::Center), 17, true)?;
    let points = || curves.iter().flat_map(drawn);
    let x = Axis::new(points().map(|point| point.0), LEFT, RIGHT);
    let y = Axis::new(points().map(|point| point.1), BOTTOM, TOP);
    for (tick, named) in x.named() {
        line(&area, (x.at(tick), TOP), (x.at(tick), BOTTOM), LIGHT)?;
        if named {
            write(
                &area,
                &ticks::label(tick),
                (x.at(tick), BOTTOM + 6),
                (HPos::Center, VPos::Top),
                12,
                false,
            )?;
        }
    }
    for (tick, named) in y.named() {
        line(&area, (LEFT, y.at(tick)), (RIGHT, y.at(tick)), LIGHT)?;
        if named {
            write(
                &area,
                &ticks::label(tick),
                (LEFT - 6, y.at(tick)),
                (HPos::Right, VPos::Center),
                12,
                false,
            )?;
        }
    }
    write(&area, of, ((LEFT + RIGHT) / 2, BOTTOM + 30), (HPos::Center, VPos::Top), 13, false)?;
    write_upwards(&area, &format!("{what} ({unit})"), (20, (TOP + BOTTOM) / 2), 13)?;
    line(&area, (LEFT, TOP), (LEFT, BOTTOM), GREY)?;
    line(&area, (LEFT, BOTTOM), (RIGHT, BOTTOM), GREY)?;

    let mut ends = Vec::new();
    for (place, curve) in curves.iter().enumerate() {
        let colour = colour(curve.peer_of.unwrap_or(place));
        let points: Vec<_> = drawn(curve).map(|(across, up)| (x.at(across), y.at(up))).collect();
        if curve.peer_of.is_some() {
            area.draw(&DashedPathElement::new(points.clone(), 6, 4, colour.stroke_width(2)))?;
        } else {
            area.draw(&PathElement::new(points.clone(), colour.stroke_width(2)))?;
        }
        for point in &points {
            let style = if curve.peer_of.is_some() { colour.stroke_width(1) } else { colour.filled() };
            area.draw(&Circle::new(*point, 3, style))?;
        }
        ends.extend(points.last().map(|end| (*end, &*curve.name, colour)));
    }
    name(&area, ends)?;
    Ok(area.present()?)
}

/// What a logarithmic axis can show.
fn drawn(curve: &Curve) -> impl Iterator<Item = (f64, f64)> + Clone {
    curve.points.iter().copied().filter(|(across, up)| *across > 0.0 && *up > 0.0)
}

/// Names each line where it ends, or as near as other names allow.
fn name(area: &Area<'_>, mut ends: Vec<((i32, i32), &str, RGBColor)>) -> Outcome<()> {
    ends.sort_by_key(|end| end.0.1);
    let mut places: Vec<i32> = Vec::new();
    for ((_, up), _, _) in &ends {
        places.push(places.last().map_or(*up, |above| (*up).max(above + LINE)));
    }
    // What was pushed below the frame is pushed up again.
    let mut below = BOTTOM + LINE;
    for place in places.iter_mut().rev() {
        *place = (*place).min(below - LINE);
        below = *place;
    }
    for ((end, name, colour), place) in ends.into_iter().zip(places) {
        line(area, (end.0 + 5, end.1), (RIGHT + 22, place), colour)?;
        write(area, name, (RIGHT + 27, place), (HPos::Left, VPos::Center), 13, false)?;
    }
    Ok(())
}
