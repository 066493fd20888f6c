import { didYouMean, nearest } from '../core/suggest.ts';
import { standsFor } from '../gin/model/meaning.ts';
import { joinScope } from '../gin/model/scopes.ts';
import type { ColumnInfo } from '../registry/catalog.ts';
import type { InstanceOf } from '../registry/check.ts';
import type { Effective, Lookup } from '../registry/lookup.ts';
import type { Mismatch } from '../registry/mismatch.ts';
import type { Node, Reached } from '../registry/reachability.ts';

/** What the rows of a run hold beside the figures of its components. */
export const countedColumns = ['epoch', 'step', 'n_examples', 'lr'];
export const timeColumns = ['time/epoch_s', 'time/total_s', 'time/examples_per_s'];

const splits = ['train', 'valid', 'test'];

/**
 * Names of columns that no component of the config adds. Nothing is built for it, but components of the user's that do not
 * declare their columns.
 */
export function watchedColumns(reached: Reached, lookup: Lookup, instanceOf: InstanceOf): Mismatch[] {
	const watching = reached.nodes.flatMap((node) =>
		node.parameters
			.filter(({ parameter, bound }) => parameter.column === true && bound !== undefined)
			.map((effective) => ({ node, effective, column: textOf(effective, lookup) })),
	);
	const known = watching.length === 0 ? undefined : knownColumns(reached, lookup, instanceOf);
	return watching.flatMap(({ node, effective, column }) => {
		const problem = column === undefined || known === undefined ? undefined : problemOf(column, effective, node, known);
		return problem ?? [];
	});
}

interface Known {
	readonly names: readonly string[];
	/** Whether components may add columns, or parts of the loss, that only their code knows. */
	readonly isOpen: boolean;
	readonly hasOpenLoss: boolean;
}

function problemOf(column: string, { parameter, bound }: Effective, node: Node, known: Known): Mismatch | undefined {
	const label = `${joinScope(node.scope, node.component.name)}.${parameter.name} = "${column}"`;
	const span = bound!.binding.value.span ?? bound!.binding.span;
	if (column.startsWith('test/')) {
		const message = `${label}: training must not be steered by the test split; watch a "valid/" column`;
		return { code: 'callback.monitors_test', span, message };
	}
	const names = known.names.filter((name) => !name.startsWith('test/'));
	const mayExist = (known.isOpen || (known.hasOpenLoss && /^\w+\/loss\//u.test(column))) && !isSlip(column, names);
	if (names.includes(column) || mayExist) {
		return undefined;
	}
	const message = `${label}: there is no such column.${didYouMean(column, names)} There are ${names.join(', ')}.`;
	return { code: 'callback.no_column', span, message };
}

// A component that does not say what it adds may add a column of any name, but hardly one so like another.
function isSlip(column: string, names: readonly string[]): boolean {
	const slash = column.indexOf('/') + 1;
	const split = column.slice(0, slash);
	const same = names.filter((name) => name.startsWith(split)).map((name) => name.slice(slash));
	const isOfSplit = splits.some((name) => split === `${name}/`);
	return nearest(column.slice(slash), same).length > 0 || (!isOfSplit && nearest(column, names).length > 0);
}

function knownColumns({ nodes }: Reached, lookup: Lookup, instanceOf: InstanceOf): Known {
	const of = (kind: string) => nodes.filter(({ component }) => component.kind === kind);
	const declared = (node: Node) => declaredColumns(node, lookup);
	const metrics = of('metric').map((node) => ({ node, columns: declared(node) ?? fieldOf(instanceOf(node, lookup)) }));
	const losses = of('loss').map(declared);
	const callbacks = of('callback').map((node) => declared(node) ?? methodOf(instanceOf(node, lookup)));
	const parts = losses.flatMap((columns) => (columns !== undefined && columns.length > 1 ? columns : []));
	const figures = ['loss', ...parts.map((part) => `loss/${part}`), ...metricColumns(metrics)];
	const hasOpenModel = of('model').some(({ component }) => component.columns === undefined);
	return {
		names: [
			...countedColumns,
			...timeColumns,
			...splits.flatMap((split) => figures.map((name) => `${split}/${name}`)),
			...callbacks.flatMap((columns) => columns ?? []),
		],
		isOpen: [...callbacks, ...metrics.map(({ columns }) => columns)].includes(undefined),
		hasOpenLoss: hasOpenModel || losses.includes(undefined),
	};
}

// Metrics of one column are told apart by their scopes.
function metricColumns(metrics: ReadonlyArray<{ node: Node; columns: readonly string[] | undefined }>): string[] {
	return metrics.flatMap(({ node: { scope }, columns = [] }) =>
		columns.flatMap((column) => (scope === '' ? [column] : [column, `${column}/${scope}`])),
	);
}

function declaredColumns({ component, parameters }: Node, lookup: Lookup): readonly string[] | undefined {
	const plainOf = (name: string): unknown => {
		const effective = parameters.find(({ parameter }) => parameter.name === name);
		const meaning = effective === undefined ? undefined : lookup.meaningOf(effective);
		const stands = meaning === undefined ? undefined : standsFor(meaning);
		return stands?.is === 'plain' && 'value' in stands.value ? stands.value.value : undefined;
	};
	const isThere = ({ when }: ColumnInfo) => when === undefined || Boolean(plainOf(when));
	return component.columns
		?.filter(isThere)
		.map(({ name }) => name.replace(/\{(\w+)\}/gu, (_, parameter: string) => String(plainOf(parameter))));
}

function fieldOf(metric: object | undefined): readonly string[] | undefined {
	const column = metric !== undefined && 'column' in metric ? metric.column : undefined;
	return typeof column === 'string' ? [column] : undefined;
}

function methodOf(callback: object | undefined): readonly string[] | undefined {
	const columns = callback !== undefined && 'columns' in callback ? callback.columns : undefined;
	const found: unknown = typeof columns === 'function' ? columns.call(callback) : undefined;
	const names = typeof found === 'object' && found !== null ? Object.keys(found) : [];
	return names.length > 0 ? names : undefined;
}

function textOf(effective: Effective, lookup: Lookup): string | undefined {
	const meaning = lookup.meaningOf(effective);
	const stands = meaning === undefined ? undefined : standsFor(meaning);
	return stands?.is === 'plain' && stands.value.type === 'string' ? stands.value.value : undefined;
}
