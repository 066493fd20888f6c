import type { Metric } from './contracts/metric.ts';

/**
 * Tells metrics of one column apart by their scopes: of `@expected_calibration_error()` and
 * `@b/expected_calibration_error()` the second one's is called `expected_calibration_error/b`. One keeps the name: that
 * without a scope, else the first.
 */
export function tellMetricsApart(metrics: readonly Metric[], scopeOf: (metric: Metric) => string): void {
	for (const column of new Set(metrics.map((metric) => metric.column))) {
		const same = metrics.filter((metric) => metric.column === column);
		const keeper = same.find((metric) => scopeOf(metric) === '') ?? same[0];
		for (const metric of same.filter((one) => one !== keeper && scopeOf(one) !== '')) {
			// A field in some metrics and a getter in others, in both for reading only.
			Object.defineProperty(metric, 'column', { value: `${column}/${scopeOf(metric)}` });
		}
	}
}
