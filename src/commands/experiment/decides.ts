import { UsageError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { Experiment } from '../../experiments/experiment.ts';
import type { Configuration } from '../../registry/configuration.ts';
import type { Manifest } from '../../results/manifest.ts';
import { isUndeclaring } from '../../train/columns.ts';
import type { TrainSettings } from '../../train/settings.ts';

type Direction = 'max' | 'min';

/** What answers the question of an experiment: its metric, and which way of it is better as the components declare it. */
export function whatDecides(
	{ name, metric: wanted, direction }: Experiment,
	config: Configuration,
): Pick<Manifest, 'metric' | 'direction' | 'declared'> {
	const { metrics, callbacks, default_callbacks } = config.resolve<TrainSettings>('train');
	const columns = new Map<string, Direction | null>([['loss', 'min']]);
	metrics.forEach(({ column, direction: way }) => void columns.set(column, way));
	const added = new Map([...callbacks, ...default_callbacks].flatMap((callback) => Object.entries(callback.columns())));
	const metric = wanted ?? `valid/${metrics[0]?.column ?? 'loss'}`;
	const [, split, column = ''] = /^(train|valid|test)\/([^@]+)/u.exec(metric) ?? [];
	const declared = column.startsWith('loss/') ? 'min' : (columns.get(column) ?? added.get(metric.replace(/@.*$/u, '')));
	if (declared === undefined && direction !== undefined && [...callbacks, ...default_callbacks].some(isUndeclaring)) {
		return { metric, direction, declared: true };
	}
	if (declared === undefined) {
		const known = [...[...columns.keys()].map((one) => `${split ?? 'valid'}/${one}`), ...added.keys()];
		throw new UsageError(
			'experiment.metric',
			`${name}: no run has a column "${metric}".${didYouMean(metric, known)} There are ${known.join(', ')}.`,
		);
	}
	if (declared !== null && direction !== undefined && direction !== declared) {
		throw new UsageError(
			'experiment.direction',
			`${name}: direction = '${direction}', but of ${metric} ${declared === 'max' ? 'more' : 'less'} is better.`,
		);
	}
	return { metric, direction: direction ?? declared, declared: true };
}
