import { UsageError } from '../core/errors.ts';
import type { DataSpec } from './contracts/data.ts';

/** The number of classes, or an error naming the metric that needs them. */
export function needClasses(metric: string, spec: DataSpec): number {
	if (spec.target.type !== 'class') {
		throw new UsageError(
			'metric.needs_classes',
			`The metric ${metric} needs classes; the targets of these data are values of shape [${spec.target.shape.join(', ')}].`,
		);
	}
	return spec.target.classes;
}

/** An error naming the metric where the targets are not real values. */
export function needValues(metric: string, spec: DataSpec): void {
	if (spec.target.type !== 'values') {
		throw new UsageError(
			'metric.needs_values',
			`The metric ${metric} needs real values; the targets of these data are ${spec.target.classes} classes.`,
		);
	}
}
