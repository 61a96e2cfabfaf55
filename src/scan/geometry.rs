//! Points, rectangles, and the map from one plane to another.

/// A place in a picture, in pixels; x to the right, y down.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

impl Point {
    pub(super) const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    pub(super) fn to(self, other: Self) -> f64 {
        (other.x - self.x).hypot(other.y - self.y)
    }
}

/// A rectangle of the picture as it was delivered, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// First column.
    pub left: u32,
    /// First row.
    pub top: u32,
    /// Width, at least 1.
    pub width: u32,
    /// Height, at least 1.
    pub height: u32,
}

impl Region {
    /// The smallest rectangle around points, within a picture.
    pub(super) fn around(points: impl IntoIterator<Item = Point>, width: usize, height: usize) -> Self {
        let (mut low, mut high) = (Point::new(f64::MAX, f64::MAX), Point::new(f64::MIN, f64::MIN));
        for point in points {
            low = Point::new(low.x.min(point.x), low.y.min(point.y));
            high = Point::new(high.x.max(point.x), high.y.max(point.y));
        }
        let side = |low: f64, high: f64, most: usize| {
            let most = most.max(1) as f64;
            let from = low.floor().clamp(0.0, most - 1.0);
            (from as u32, (high.ceil().clamp(from + 1.0, most) - from) as u32)
        };
        let (left, width) = side(low.x, high.x, width);
        let (top, height) = side(low.y, high.y, height);
        Self { left, top, width, height }
    }

    pub(super) fn corners(self) -> [Point; 4] {
        let [x, y] = [self.left, self.top].map(f64::from);
        let [w, h] = [self.width, self.height].map(f64::from);
        [Point::new(x, y), Point::new(x + w, y), Point::new(x + w, y + h), Point::new(x, y + h)]
    }
}

/// Four corners: top left, then clockwise as seen.
pub(super) type Quad = [Point; 4];

/// A projective map of the plane; the last number is 1 where it comes from four points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Map(pub [f64; 9]);

impl Map {
    pub const SAME: Self = Self([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);

    /// Turns by an angle (radians, clockwise as seen) about the origin, then moves.
    pub fn turn(angle: f64, moved: Point) -> Self {
        let (sin, cos) = angle.sin_cos();
        Self([cos, -sin, moved.x, sin, cos, moved.y, 0.0, 0.0, 1.0])
    }

    pub fn shift(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, x, 0.0, 1.0, y, 0.0, 0.0, 1.0])
    }

    pub fn scale(by: f64) -> Self {
        Self([by, 0.0, 0.0, 0.0, by, 0.0, 0.0, 0.0, 1.0])
    }

    /// The map that first does `inner`, then `self`.
    pub fn after(&self, inner: &Self) -> Self {
        let mut out = [0.0; 9];
        for row in 0..3 {
            for column in 0..3 {
                out[row * 3 + column] = (0..3).map(|at| self.0[row * 3 + at] * inner.0[at * 3 + column]).sum();
            }
        }
        Self(out)
    }

    pub fn of(&self, point: Point) -> Point {
        let m = &self.0;
        let below = m[6] * point.x + m[7] * point.y + m[8];
        let below = if below.abs() < 1e-9 { 1e-9 } else { below };
        Point::new((m[0] * point.x + m[1] * point.y + m[2]) / below, (m[3] * point.x + m[4] * point.y + m[5]) / below)
    }

    pub fn inverse(&self) -> Option<Self> {
        let [a, b, c, d, e, f, g, h, i] = self.0;
        let det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
        if !det.is_finite() || det.abs() < 1e-12 {
            return None;
        }
        let adjugate = [
            e * i - f * h,
            c * h - b * i,
            b * f - c * e,
            f * g - d * i,
            a * i - c * g,
            c * d - a * f,
            d * h - e * g,
            b * g - a * h,
            a * e - b * d,
        ];
        Some(Self(adjugate.map(|value| value / det)))
    }

    /// The map of a rectangle's corners onto four points (Heckbert 1989, 2.2.3). None when they are no quadrilateral.
    pub fn from_rectangle(width: f64, height: f64, to: &Quad) -> Option<Self> {
        let [p0, p1, p2, p3] = to;
        let (sx, sy) = (p0.x - p1.x + p2.x - p3.x, p0.y - p1.y + p2.y - p3.y);
        let (dx1, dy1, dx2, dy2) = (p1.x - p2.x, p1.y - p2.y, p3.x - p2.x, p3.y - p2.y);
        let det = dx1 * dy2 - dx2 * dy1;
        if !det.is_finite() || det.abs() < 1e-6 || width < 1.0 || height < 1.0 {
            return None;
        }
        let (g, h) = ((sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det);
        let unit = [
            p1.x - p0.x + g * p1.x,
            p3.x - p0.x + h * p3.x,
            p0.x,
            p1.y - p0.y + g * p1.y,
            p3.y - p0.y + h * p3.y,
            p0.y,
            g,
            h,
            1.0,
        ];
        let [a, b, c, d, e, f, g, h, i] = unit;
        Some(Self([a / width, b / height, c, d / width, e / height, f, g / width, h / height, i]))
    }
}

/// A straight line: unit normal and distance from the origin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub nx: f64,
    pub ny: f64,
    pub d: f64,
}

impl Line {
    pub fn through(a: Point, b: Point) -> Option<Self> {
        let length = a.to(b);
        if length < 1e-6 {
            return None;
        }
        let (nx, ny) = ((b.y - a.y) / length, -(b.x - a.x) / length);
        Some(Self { nx, ny, d: nx * a.x + ny * a.y })
    }

    /// The line of least squared distance.
    pub fn fit(points: &[Point]) -> Option<Self> {
        if points.len() < 2 {
            return None;
        }
        let n = points.len() as f64;
        let (mx, my) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.x / n, y + p.y / n));
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for p in points {
            let (x, y) = (p.x - mx, p.y - my);
            xx += x * x;
            xy += x * y;
            yy += y * y;
        }
        let along = 0.5 * (2.0 * xy).atan2(xx - yy);
        let (nx, ny) = (-along.sin(), along.cos());
        Some(Self { nx, ny, d: nx * mx + ny * my })
    }

    pub fn off(&self, p: Point) -> f64 {
        self.nx * p.x + self.ny * p.y - self.d
    }

    pub fn cross(&self, other: &Self) -> Option<Point> {
        let det = self.nx * other.ny - self.ny * other.nx;
        (det.abs() > 1e-4).then(|| {
            Point::new((self.d * other.ny - other.d * self.ny) / det, (self.nx * other.d - other.nx * self.d) / det)
        })
    }
}

pub(super) fn area(polygon: &[Point]) -> f64 {
    let next = polygon.iter().cycle().skip(1);
    polygon.iter().zip(next).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>().abs() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rectangle_goes_onto_four_points_and_back() {
        let to = [Point::new(10.0, 20.0), Point::new(210.0, 25.0), Point::new(190.0, 330.0), Point::new(5.0, 300.0)];
        let map = Map::from_rectangle(100.0, 140.0, &to).unwrap();
        let from = [Point::new(0.0, 0.0), Point::new(100.0, 0.0), Point::new(100.0, 140.0), Point::new(0.0, 140.0)];
        let back = map.inverse().unwrap();
        for (from, to) in from.iter().zip(&to) {
            assert!(map.of(*from).to(*to) < 1e-6 && back.of(*to).to(*from) < 1e-6);
        }
        assert!(Map::from_rectangle(1.0, 1.0, &[Point::default(); 4]).is_none());
    }

    #[test]
    fn lines_cross_where_they_should() {
        let a = Line::through(Point::new(0.0, 5.0), Point::new(10.0, 5.0)).unwrap();
        let b = Line::fit(&[Point::new(3.0, 0.0), Point::new(3.0, 4.0), Point::new(3.0, 9.0)]).unwrap();
        assert!(a.cross(&b).unwrap().to(Point::new(3.0, 5.0)) < 1e-9);
        assert!(a.cross(&a).is_none());
    }

    #[test]
    fn a_region_stays_in_the_picture() {
        let region = Region::around([Point::new(-5.0, 3.2), Point::new(500.0, 3.3)], 100, 50);
        assert_eq!(region, Region { left: 0, top: 3, width: 100, height: 1 });
        Region::around([], 10, 10);
    }
}
