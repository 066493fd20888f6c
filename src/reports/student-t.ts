/** The probability that Student's t with `freedom` degrees of freedom is below `t`. */
export function tCumulative(t: number, freedom: number): number {
	const tail = 0.5 * incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
	return t > 0 ? 1 - tail : tail;
}

/** The value that Student's t is below with probability `p` in (0, 1): 2.776 for p = 0.975 and 4 degrees of freedom. */
export function tQuantile(p: number, freedom: number): number {
	let low = -1;
	let high = 1;
	while (tCumulative(low, freedom) > p) {
		low *= 2;
	}
	while (tCumulative(high, freedom) < p) {
		high *= 2;
	}
	// Halving until the bounds are neighbours among the doubles.
	for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
		if (tCumulative(middle, freedom) < p) {
			low = middle;
		} else {
			high = middle;
		}
	}
	return high;
}

/** The regularised incomplete beta function (Abramowitz and Stegun, 26.5.8, as a continued fraction). */
function incompleteBeta(x: number, a: number, b: number): number {
	if (x <= 0 || x >= 1) {
		return x <= 0 ? 0 : 1;
	}
	const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
	// The fraction converges quickly only on this side.
	return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b;
}

// By the method of Lentz (1976).
function fraction(x: number, a: number, b: number): number {
	const tiny = 1e-300;
	const safe = (value: number) => (Math.abs(value) < tiny ? tiny : value);
	let c = 1;
	let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
	let result = d;
	for (let m = 1; m < 10_000; m++) {
		for (const term of [
			(m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
			(-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
		]) {
			d = 1 / safe(1 + term * d);
			c = safe(1 + term / c);
			result *= d * c;
		}
		if (Math.abs(d * c - 1) < 1e-15) {
			break;
		}
	}
	return result;
}

// Stirling's series for large arguments; smaller ones are raised to it first.
function logGamma(x: number): number {
	let shift = 0;
	let y = x;
	for (; y < 15; y++) {
		shift += Math.log(y);
	}
	const square = 1 / (y * y);
	const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / y;
	return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
