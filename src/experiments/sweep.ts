import { ConfigError, UsageError } from '../core/errors.ts';
import type { Value } from '../gin/ast.ts';
import type { CallName } from '../gin/extension-calls.ts';
import { cellOf, macroCell, noComponents, spelled } from '../gin/model/cells.ts';
import { joinScope } from '../gin/model/scopes.ts';
import { parse } from '../gin/parser.ts';
import { problemAt } from '../gin/problem.ts';
import { reprValue } from '../gin/repr.ts';
import { toJs } from '../gin/values.ts';
import {
	choice,
	type Distribution,
	grid,
	logUniform,
	product,
	type RandomOptions,
	random,
	uniform,
	zip,
} from './axes.ts';
import { type AxisValue, gin, type Point } from './point.ts';

type Axes<T> = Record<string, T>;

/** The axes of a text, by what makes their points. */
interface Sorted {
	readonly grids: Axes<readonly AxisValue[]>;
	/** By the name of the group: axes of one group go side by side. */
	readonly zips: Map<string, Axes<readonly AxisValue[]>>;
	readonly drawn: Axes<Distribution>;
}

/**
 * The points of a text in the config language: `adam.learning_rate = grid([1e-3, 1e-2])`. Each `grid` is combined with all
 * others, `zip`s of one group go side by side, and `choice`, `uniform` and `log_uniform` are drawn `n` times. Any other value
 * is that of all points.
 */
export function sweep(text: string, options?: RandomOptions): Point[] {
	const sorted: Sorted = { grids: {}, zips: new Map(), drawn: {} };
	const { statements, problems } = parse({ name: 'sweep', kind: 'text', text }, { extensions: true });
	const found = problems.map(({ code, span, message }) => problemAt(`config.${code}`, span, message));
	for (const statement of statements) {
		const bindings = statement.type === 'block' ? [...statement.bindings] : [statement];
		for (const binding of bindings) {
			if ((binding.type !== 'binding' && binding.type !== 'macro') || binding.operator !== '=') {
				found.push(
					problemAt(
						'experiment.sweep',
						binding.span,
						'a sweep is made of lines such as "adam.learning_rate = grid([1e-3, 1e-2])"',
					),
				);
			} else {
				sort(keyOf(binding), binding.value, sorted);
			}
		}
	}
	if (found.length > 0) {
		throw new ConfigError(found);
	}
	return product(grid(sorted.grids), ...Array.from(sorted.zips.values(), zip), drawn(sorted.drawn, options));
}

function keyOf(
	line: { readonly scope: string } & (
		| { readonly selector: string; readonly parameter: string }
		| { readonly name: string }
	),
): string {
	if ('name' in line) {
		return `%${macroCell(joinScope(line.scope, line.name)).scope}`;
	}
	return spelled(cellOf(line.scope, line.selector, line.parameter, noComponents));
}

function sort(key: string, value: Value, { grids, zips, drawn: draws }: Sorted): void {
	if (value.type !== 'call') {
		grids[key] = [axisValue(value)];
		return;
	}
	const [first, second] = value.args as readonly [Value, Value?];
	switch (value.name) {
		case 'grid':
			grids[key] = itemsOf(first);
			break;
		case 'zip': {
			const group = second?.type === 'string' ? second.value : '';
			zips.set(group, { ...zips.get(group), [key]: itemsOf(first) });
			break;
		}
		case 'per':
			grids[key] = [axisValue(value)];
			break;
		default:
			draws[key] = distribution(value.name, first, second);
	}
}

function distribution(name: CallName, first: Value, second: Value | undefined): Distribution {
	if (name === 'choice') {
		return choice(itemsOf(first));
	}
	const [low, high] = [first, second!].map((bound) => Number(toJs(bound)));
	return name === 'uniform' ? uniform(low!, high!) : logUniform(low!, high!);
}

function drawn(axes: Axes<Distribution>, options: RandomOptions | undefined): Point[] {
	const [key] = Object.keys(axes);
	if (key === undefined) {
		return [{}];
	}
	if (options === undefined) {
		throw new UsageError(
			'experiment.random',
			`sweep: ${key} is drawn at random; say how often, as in sweep(text, { n: 20 }).`,
		);
	}
	return random(axes, options);
}

function itemsOf(list: Value): AxisValue[] {
	return 'items' in list ? list.items.map(axisValue) : [];
}

// What JSON cannot tell apart, such as 1 and 1.0, keeps its text.
function axisValue(value: Value): AxisValue {
	switch (value.type) {
		case 'none':
		case 'bool':
		case 'string':
			return toJs(value) as AxisValue;
		case 'int':
			return typeof value.value === 'number' ? value.value : gin(reprValue(value, true));
		case 'float':
			return Number.isInteger(value.value) || !Number.isFinite(value.value) ? gin(reprValue(value, true)) : value.value;
		default:
			return gin(reprValue(value, true));
	}
}
