//! Where an axis is marked, and what stands there.

/// From nothing to at least `most`: a few round steps.
pub(super) fn linear(most: f64) -> Vec<f64> {
    let step = round_up(most / 5.0);
    let count = (most / step).ceil().max(1.0) as u32;
    (0..=count).map(|place| f64::from(place) * step).collect()
}

/// From at most `least` to at least `most`: 1, 2 and 5 of every power of ten.
pub(super) fn logarithmic(least: f64, most: f64) -> Vec<f64> {
    let mut ticks = vec![round_down(least)];
    while let Some(last) = ticks.last().copied().filter(|last| *last < most * 0.999 || ticks.len() < 2) {
        ticks.push(round_up(last * 1.5));
    }
    ticks
}

/// Whether a mark of a logarithmic axis is a power of ten.
pub(super) fn is_power(tick: f64) -> bool {
    (tick.log10() - tick.log10().round()).abs() < 1e-6
}

/// As people write it: with as many digits as a mark has, and a comma at thousands.
pub(super) fn label(tick: f64) -> String {
    if tick >= 1000.0 {
        let thousands = (tick / 1000.0).floor();
        return format!("{thousands:.0},{:03.0}", tick - thousands * 1000.0);
    }
    let digits = if tick == 0.0 { 0 } else { (-tick.log10().floor()).max(0.0) as usize };
    format!("{tick:.digits$}")
}

fn round_up(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0]
        .map(|digit| digit * power)
        .into_iter()
        .find(|round| *round >= value * 0.999)
        .unwrap_or(10.0 * power)
}

fn round_down(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    [5.0, 2.0].map(|digit| digit * power).into_iter().find(|round| *round <= value * 1.001).unwrap_or(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[f64]) -> Vec<String> {
        ticks.iter().copied().map(label).collect()
    }

    #[test]
    fn marks_are_round_and_enclose_what_is_drawn() {
        assert_eq!(labels(&linear(12.0)), ["0", "5", "10", "15"]);
        assert_eq!(labels(&linear(0.3)), ["0", "0.1", "0.2", "0.3"]);
        assert_eq!(labels(&logarithmic(1.0, 1000.0)).join(" "), "1 2 5 10 20 50 100 200 500 1,000");
        assert_eq!(labels(&logarithmic(31.0, 77.0)), ["20", "50", "100"]);
        assert_eq!(labels(&logarithmic(0.34, 32.0)).join(" "), "0.2 0.5 1 2 5 10 20 50");
        assert_eq!(labels(&logarithmic(1.0, 1.0)), ["1", "2"]);
        assert_eq!(labels(&logarithmic(12_000.0, 2_000_000.0))[0], "10,000");
    }
}
