import { GimletError } from '../core/errors.ts';
import { type Data, type Examples, type SplitName, splitNames } from './contracts/data.ts';

/**
 * Refuses data whose arrays are not what their data set says: of another length, with labels that are no classes, an
 * example in two splits. The mistakes it finds spoil results without a sign.
 */
export function checkData(data: Data): void {
	for (const name of splitNames) {
		checkLengths(data, name);
		checkLabels(data, name);
	}
	checkIds(data);
	checkPreprocessing(data);
	if (data.splits.train.size === 0) {
		throw new GimletError('data.empty', 'The training split is empty.');
	}
}

function checkLengths({ spec, splits }: Data, name: SplitName): void {
	const split = splits[name];
	if (!Number.isInteger(split.size) || split.size < 0) {
		throw new GimletError(
			'data.size',
			`The size of the ${name} split is ${split.size}; it must be a whole number ≥ 0.`,
		);
	}
	const { target } = spec;
	const width = target.type === 'class' ? 1 : product(target.shape);
	const expected = [
		['inputs', product(spec.shape), `[${spec.shape.join(', ')}]`],
		['targets', width, target.type === 'class' ? 'one class' : `[${target.shape.join(', ')}]`],
		['ids', 1, 'one id'],
	] as const;
	for (const [field, each, of] of expected) {
		const array: unknown = split[field];
		if (!(ArrayBuffer.isView(array) && 'length' in array)) {
			throw new GimletError('data.array', `The ${field} of the ${name} split are no typed array.`);
		}
		if (array.length !== split.size * each) {
			throw new GimletError(
				'data.length',
				`The ${name} split has ${array.length} values in ${field}; ${split.size} examples of ${of} make ${split.size * each}.`,
			);
		}
	}
}

function checkLabels({ spec: { target }, splits }: Data, name: SplitName): void {
	const { targets } = splits[name];
	if (target.type !== 'class') {
		return;
	}
	const at = targets.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < target.classes));
	if (at >= 0) {
		throw new GimletError(
			'data.label',
			`The ${name} split holds the label ${targets[at]} (example ${at}); legal are whole numbers from 0 to ${target.classes - 1}.`,
		);
	}
}

function checkIds({ splits, resampled = false }: Data): void {
	const seen = new Set<number>();
	for (const name of splitNames) {
		const { ids } = splits[name];
		// Drawn with replacement, an example may stand in training twice, but in no other split.
		for (const id of resampled && name === 'train' ? new Set(ids) : ids) {
			if (seen.has(id)) {
				throw new GimletError(
					'data.overlap',
					`Example ${id} stands in two splits, or twice in ${name}: splits must be disjoint.`,
				);
			}
			seen.add(id);
		}
	}
}

function checkPreprocessing({ spec, preprocessing: { scale, mean, sd } }: Data): void {
	const channels = spec.shape.at(-1) ?? 1;
	const isRight = (list: readonly number[]) =>
		(list.length === 1 || list.length === channels) && list.every(Number.isFinite);
	const constant = sd.findIndex((value) => !(value > 0));
	if (constant >= 0) {
		throw new GimletError(
			'data.preprocessing',
			`The sd of channel ${constant} is ${sd[constant]}, and inputs are divided by it; leave a channel that is constant as it is, with an sd of 1.`,
		);
	}
	if (!Number.isFinite(scale) || !isRight(mean) || !isRight(sd) || mean.length !== sd.length) {
		throw new GimletError(
			'data.preprocessing',
			`The preprocessing has the scale ${scale}, ${mean.length} means and ${sd.length} deviations; finite numbers are needed, one of each or ${channels}.`,
		);
	}
}

/** What is odd about data that can be trained on. */
export interface Oddities {
	/** What a new run is refused for, a sentence each. */
	readonly grave: readonly string[];
	/** What is said. */
	readonly slight: readonly string[];
}

/** Looks for numbers that are not finite, and for what tells nothing apart: constant features and targets. */
export function oddities(data: Data): Oddities {
	const grave = data.missing ? [] : splitNames.flatMap((name) => notFinite(name, data.splits[name]));
	return { grave, slight: constants(data) };
}

function notFinite(name: SplitName, split: Examples): string[] {
	return (['inputs', 'targets'] as const).flatMap((field) => {
		const values = split[field];
		if (!values.constructor.name.startsWith('Float')) {
			return [];
		}
		const at = values.findIndex((value) => !Number.isFinite(value));
		if (at < 0) {
			return [];
		}
		let count = 0;
		for (const value of values) {
			count += Number.isFinite(value) ? 0 : 1;
		}
		const example = Math.floor((at * split.size) / values.length);
		return [
			`${count} of ${values.length} ${field} of the ${name} split are not finite, the first (${values[at]}) in example ${example}. ` +
				'Leave such examples out, or say missing: true in Data where model and loss know how to treat them.',
		];
	});
}

// Of features by name or place; that the border of an image is black says nothing.
function constants({ spec, splits: { train } }: Data): string[] {
	if (train.size < 2) {
		return [];
	}
	const found: string[] = [];
	const [width = 0] = spec.shape;
	const columns = spec.shape.length === 1 ? constantColumns(train.inputs, width) : [];
	if (columns.length > 0) {
		const shown = columns.slice(0, 5).join(', ') + (columns.length > 5 ? ', …' : '');
		found.push(`${columns.length} of ${width} features are the same in all training examples (column ${shown}).`);
	}
	const targets = spec.target.type === 'class' ? 1 : product(spec.target.shape);
	const isOne = spec.target.type === 'class' && spec.target.classes === 1;
	if (!isOne && constantColumns(train.targets, targets).length > 0) {
		found.push(
			spec.target.type === 'class'
				? `All training examples are of class ${train.targets[0]}.`
				: 'The targets of the training split are constant, all of them or in some places.',
		);
	}
	return found;
}

function constantColumns(values: Examples['inputs'] | Examples['targets'], width: number): number[] {
	const columns: number[] = [];
	for (let column = 0; column < width; column += 1) {
		let at = column + width;
		while (at < values.length && Object.is(values[at], values[column])) {
			at += width;
		}
		if (at >= values.length) {
			columns.push(column);
		}
	}
	return columns;
}

function product(shape: readonly number[]): number {
	return shape.reduce((a, b) => a * b, 1);
}
