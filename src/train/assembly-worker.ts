import { parentPort, workerData } from 'node:worker_threads';
import { Streams } from '../core/random.ts';
import { hasPlugins, prepareImports } from '../registry/plugins.ts';
import { declared } from '../registry/registry.ts';
import type { Preprocessing, Transform } from './contracts/data.ts';
import { gather, standardise } from './preparation.ts';

/** A transform that can be built again in another thread. */
export interface PortableTransform {
	/** Registered name. */
	readonly name: string;
	/** The URL of the module that declares it. */
	readonly module: string;
	readonly parameters: object;
}

/** What the thread is started with. */
export interface AssemblySetup {
	readonly seed: number;
	/** Of one input. */
	readonly shape: readonly number[];
	readonly preprocessing: Preprocessing;
	readonly transforms: readonly PortableTransform[];
	/** Whether some of them come from outside the library. */
	readonly plugins: boolean;
	/** Memory of the batches in the making, shared: what is stored, and what the model is to get. */
	readonly slots: readonly AssemblySlot[];
}

/** Room for one batch. */
export interface AssemblySlot {
	readonly stored: Uint8Array | Float32Array;
	readonly inputs: Float32Array;
}

/** Asks for the batch of `count` examples that lies in a slot. */
export interface AssemblyRequest {
	readonly slot: number;
	readonly count: number;
	readonly step: number;
}

/** The answer; `problem` is a message with its stack. */
export interface AssemblyAnswer {
	/** Undefined where nothing could be built. */
	readonly slot: number | undefined;
	readonly problem?: string;
}

/** Runs in the thread: builds the transforms, then answers requests. */
export async function serve(): Promise<void> {
	const setup = workerData as AssemblySetup;
	const answer = (message: AssemblyAnswer) => parentPort!.postMessage(message);
	try {
		const transforms = await buildTransforms(setup);
		parentPort!.on('message', (request: AssemblyRequest) => {
			try {
				assembleSlot(setup, transforms, request);
				answer({ slot: request.slot });
			} catch (error) {
				answer({ slot: request.slot, problem: explain(error) });
			}
		});
	} catch (error) {
		answer({ slot: undefined, problem: explain(error) });
	}
}

async function buildTransforms({ transforms, plugins }: AssemblySetup): Promise<Transform[]> {
	if (plugins && !hasPlugins()) {
		await prepareImports();
	}
	const built: Transform[] = [];
	for (const { name, module, parameters } of transforms) {
		await import(module);
		const { target } = declared.get(name, 'transform');
		built.push(new (target as unknown as new (p: object) => Transform)(parameters));
	}
	return built;
}

function assembleSlot(
	{ seed, shape, preprocessing, slots }: AssemblySetup,
	transforms: readonly Transform[],
	{ slot, count, step }: AssemblyRequest,
): void {
	const width = shape.reduce((a, b) => a * b, 1);
	const { stored, inputs: room } = slots[slot]!;
	const inputs = room.subarray(0, count * width);
	const rows = Int32Array.from({ length: count }, (_, row) => row);
	gather(inputs, stored, rows, width, preprocessing, 'scaled');
	const random = new Streams(seed).stream('augment').fork(`step ${step}`);
	for (const transform of transforms) {
		transform.apply(inputs, count, shape, random);
	}
	standardise(inputs, preprocessing);
}

function explain(error: unknown): string {
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
