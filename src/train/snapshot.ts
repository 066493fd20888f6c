import type * as tfc from '@tensorflow/tfjs-core';
import { RefusedError } from '../core/errors.ts';
import type { Streams } from '../core/random.ts';
import { tf } from '../engine/tf.ts';
import type { Logs } from './contracts/callback.ts';
import type { Model } from './contracts/model.ts';
import type { KeyedCallback } from './hooks.ts';
import type { Loop } from './loop.ts';
import type { LoopParts, LoopState } from './loop-parts.ts';
import { knownVersion } from './saved-state.ts';

/** A tensor outside the engine. */
export interface HostTensor {
	readonly dtype: 'float32' | 'int32' | 'bool';
	readonly shape: readonly number[];
	readonly data: Float32Array | Int32Array | Uint8Array;
}

export type HostTensors = Readonly<Record<string, HostTensor>>;

/** Everything a run is at one instant, outside the engine: what a checkpoint stores. */
export interface Snapshot {
	readonly weights: HostTensors;
	readonly optimizer: HostTensors;
	/** Tensors of callbacks, named `<key>/<tensor>`. */
	readonly callbacks: HostTensors;
	readonly state: SnapshotState;
	/** Where the state was read, for messages. */
	readonly path?: string;
}

export interface SnapshotState {
	readonly loop: LoopState;
	readonly streams: ReturnType<Streams['state']>;
	readonly optimizer: Readonly<Record<string, number>>;
	readonly callbacks: Readonly<
		Record<string, { readonly version: number; readonly state: Readonly<Record<string, unknown>> }>
	>;
}

/** What a run is besides its tensors, as it stands. */
export function stateOf(loop: Loop, parts: LoopParts): SnapshotState {
	return {
		loop: loop.state(),
		streams: parts.streams.state(),
		optimizer: parts.optimizer.state(),
		callbacks: Object.fromEntries(
			parts.callbacks.map(({ key, callback }) => [key, { version: callback.version, state: callback.state() }]),
		),
	};
}

/** Copies a run out of the engine, between two batches. `state`: where it is that of an earlier instant with these tensors. */
export async function takeSnapshot(loop: Loop, parts: LoopParts, state = stateOf(loop, parts)): Promise<Snapshot> {
	const callbackTensors: Record<string, tfc.Tensor> = {};
	for (const { key, callback } of parts.callbacks) {
		for (const [name, tensor] of Object.entries(callback.tensors())) {
			callbackTensors[`${key}/${name}`] = tensor;
		}
	}
	return {
		weights: await toHost(weightsOf(parts.model)),
		optimizer: await toHost(parts.optimizer.slots()),
		callbacks: await toHost(callbackTensors),
		state,
	};
}

/** Puts a run back as it was. `history`: the rows of its finished epochs; `notice` hears of
 * callbacks that changed, and of what stays as it was. */
export function restoreSnapshot(
	snapshot: Snapshot,
	loop: Loop,
	parts: LoopParts,
	history: readonly Readonly<Logs>[],
	notice: (text: string) => void = () => {},
): void {
	try {
		restoreAll(snapshot, loop, parts, history, notice);
	} catch (error) {
		const { path } = snapshot;
		throw error instanceof RefusedError && path !== undefined
			? new RefusedError(error.code, `${path}: ${error.message}`, { cause: error })
			: error;
	}
}

function restoreAll(
	snapshot: Snapshot,
	loop: Loop,
	parts: LoopParts,
	history: readonly Readonly<Logs>[],
	notice: (text: string) => void,
): void {
	restoreWeights(parts.model, snapshot.weights);
	parts.optimizer.restoreSlots(toDevice(snapshot.optimizer));
	parts.optimizer.restoreState(snapshot.state.optimizer);
	if (parts.optimizer.kept !== undefined) {
		notice(parts.optimizer.kept);
	}
	requireStreams(snapshot.state.streams, parts.streams);
	parts.streams.restore(snapshot.state.streams);
	const gone = restoreCallbacks(snapshot, parts.callbacks, notice);
	loop.restore(snapshot.state.loop, history);
	for (const key of gone) {
		// Nobody is left to change the factor it had put on the learning rate.
		loop.rateFactors.delete(key);
	}
}

// What is built draws from these before training begins: every checkpoint has them.
function requireStreams(saved: SnapshotState['streams'], streams: Streams): void {
	const missing = Object.keys(streams.state()).filter((name) => !Object.hasOwn(saved, name));
	if (missing.length > 0) {
		throw new RefusedError('checkpoint.streams', `the random streams ${missing.join(', ')} are missing in "streams".`);
	}
}

/** Sets every variable of a model; a missing, additional or differently shaped one is refused by name. */
export function restoreWeights(model: Model, weights: HostTensors): void {
	const variables = model.variables();
	const names = new Set(variables.map(({ name }) => name));
	const unknown = Object.keys(weights).filter((name) => !names.has(name));
	const absent = [...names].filter((name) => weights[name] === undefined);
	if (unknown.length > 0 || absent.length > 0) {
		throw new RefusedError(
			'checkpoint.other_model',
			`The checkpoint is of another model: ${describe('it lacks', absent)}${absent.length > 0 && unknown.length > 0 ? '; ' : ''}${describe('it has besides', unknown)}.`,
		);
	}
	for (const { name, variable } of variables) {
		const stored = weights[name]!;
		if (stored.shape.join() !== variable.shape.join()) {
			throw new RefusedError(
				'checkpoint.other_shape',
				`The checkpoint's ${name} has shape [${stored.shape}], the model's [${variable.shape}].`,
			);
		}
		const tensor = upload(stored);
		variable.assign(tensor);
		tensor.dispose();
	}
}

// Returns the keys of callbacks that are no longer in the list.
function restoreCallbacks(
	{ callbacks, state }: Snapshot,
	list: readonly KeyedCallback[],
	notice: (text: string) => void,
): ReadonlySet<string> {
	const left = new Set(Object.keys(state.callbacks));
	for (const { key, callback } of list) {
		const saved = state.callbacks[key];
		left.delete(key);
		if (saved === undefined) {
			notice(`The callback ${key} is new in this session: it starts without a memory.`);
			continue;
		}
		// Whoever reads older layouts asks which one it is.
		if (callback.restore.length < 2) {
			knownVersion(key, saved.version, callback.version);
		}
		callback.restore(saved.state, saved.version);
		const tensors = Object.entries(callbacks).filter(([name]) => name.startsWith(`${key}/`));
		callback.restoreTensors(
			toDevice(Object.fromEntries(tensors.map(([name, tensor]) => [name.slice(key.length + 1), tensor]))),
		);
	}
	if (left.size > 0) {
		notice(`No longer among the callbacks, their memory is dropped: ${[...left].join(', ')}.`);
	}
	return left;
}

function weightsOf(model: Model): Record<string, tfc.Tensor> {
	return Object.fromEntries(model.variables().map(({ name, variable }) => [name, variable as tfc.Tensor]));
}

async function toHost(tensors: Readonly<Record<string, tfc.Tensor>>): Promise<Record<string, HostTensor>> {
	const host: Record<string, HostTensor> = {};
	for (const [name, tensor] of Object.entries(tensors)) {
		// A copy: the engine may hand out a view of memory that the next step overwrites.
		const data = (await tensor.data()).slice() as HostTensor['data'];
		host[name] = { dtype: tensor.dtype as HostTensor['dtype'], shape: tensor.shape, data };
	}
	return host;
}

function toDevice(tensors: HostTensors): Record<string, tfc.Tensor> {
	return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, upload(tensor)]));
}

function upload({ data, shape, dtype }: HostTensor): tfc.Tensor {
	return tf.tensor(data, [...shape], dtype);
}

function describe(what: string, names: readonly string[]): string {
	if (names.length === 0) {
		return '';
	}
	const shown = names.slice(0, 5).join(', ');
	return `${what} ${shown}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;
}
