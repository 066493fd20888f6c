/**
 * A plug-in for `bin/train.ts`: the models of workloads.ts, data of their shapes, and a callback that runs the bare step
 * between blocks of training steps and compares. `GIMLET_LOOP=FILE` gets the figures.
 */
import { writeFileSync } from 'node:fs';
import type { Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import {
	type Batch,
	Callback,
	callback,
	component,
	type Data,
	type DataSpec,
	Dataset,
	dataset,
	type LayerRow,
	Model,
	type ModelVariable,
	model,
	type StepResult,
	Streams,
	type Training,
	tf,
	transformKind,
} from '../src/index.ts';
import { Adam } from '../src/optimizers/adam.ts';
import { type Workload, type WorkloadName, workloads } from './workloads.ts';

const name = z.enum(['cnn', 'mlp', 'vae']);
const shapes = { cnn: [32, 32, 3], mlp: [784], vae: [784] } as const;

@dataset(
	'bench_data',
	z
		.object({
			workload: name.describe('Whose shape.'),
			n: z.int().describe('Examples.'),
			transforms: z.array(component(transformKind)).default([]).describe('Augmentations.'),
		})
		.describe('Random bytes of the shape of a workload.'),
)
export class BenchData extends Dataset {
	readonly spec: DataSpec;

	constructor(
		private readonly p: {
			readonly workload: WorkloadName;
			readonly n: number;
			readonly transforms: Data['transforms'];
		},
	) {
		super();
		const target =
			p.workload === 'vae' ? { type: 'values' as const, shape: [784] } : { type: 'class' as const, classes: 10 };
		this.spec = { shape: shapes[p.workload], target, units: 'none' };
	}

	async load(): Promise<Data> {
		const width = this.spec.shape.reduce((a, b) => a * b, 1);
		const random = new Streams(1).stream('bench');
		const isVae = this.p.workload === 'vae';
		let next = 0;
		const split = (size: number) => {
			const ids = Int32Array.from({ length: size }, () => next++);
			const bytes = Uint8Array.from({ length: size * width }, () => random.uint32() & 255);
			const inputs = isVae ? Float32Array.from(bytes, (byte) => (byte < 51 ? 1 : 0)) : bytes;
			const targets = isVae ? (inputs as Float32Array) : Int32Array.from({ length: size }, () => random.int(10));
			return { size, inputs, targets, ids };
		};
		return {
			spec: this.spec,
			splits: { train: split(this.p.n), valid: split(128), test: split(128) },
			preprocessing: isVae ? { scale: 1, mean: [0], sd: [1] } : { scale: 1 / 255, mean: [0.5], sd: [0.25] },
			transforms: this.p.transforms,
			provenance: {},
		};
	}
}

@model(
	'bench_model',
	z.object({ workload: name.describe('Which.') }).describe('A workload of the engine benchmark as a model.'),
)
export class BenchModel extends Model {
	#workload: Workload | undefined;
	#variables: ModelVariable[] = [];

	constructor(private readonly p: { readonly workload: WorkloadName }) {
		super();
	}

	override build(): void {
		this.#workload = workloads[this.p.workload]();
		this.#variables = this.#workload.variables.map((variable, i) => ({ name: `v${i}`, variable, trainable: true }));
	}

	override step({ inputs, targets }: Batch): StepResult {
		const { outputs, loss } = this.#workload!.step(inputs, targets);
		return { outputs, losses: { loss } };
	}

	override forward(inputs: Tensor): Tensor {
		return this.#workload!.step(inputs, inputs).outputs;
	}

	override variables(): readonly ModelVariable[] {
		return this.#variables;
	}

	override rows(): readonly LayerRow[] {
		return [];
	}

	override dispose(): void {
		tf.dispose(this.#workload?.variables ?? []);
	}
}

const meter = z
	.object({
		workload: name.describe('Which.'),
		block: z.int().min(1).describe('Steps of a block.'),
		warm_up: z.int().default(2).describe('Blocks that do not count.'),
	})
	.describe('Runs blocks of the bare step between blocks of training steps.');

/** Bare: forward, backward, update and reading the loss, on one batch that is on the device already. */
@callback('loop_meter', meter)
export class LoopMeter extends Callback {
	#workload: Workload | undefined;
	readonly #adam = new Adam({
		learning_rate: 0.001,
		beta1: 0.9,
		beta2: 0.999,
		epsilon: 1e-8,
		weight_decay: 0,
		decay_all: false,
	} as never);
	#variables: ModelVariable[] = [];
	readonly #bare: Cost[] = [];
	readonly #loop: Cost[] = [];
	#steps = 0;
	#began = cost();

	constructor(private readonly p: z.output<typeof meter>) {
		super();
	}

	override onRunStart(): void {
		this.#workload = workloads[this.p.workload]();
		this.#variables = this.#workload.variables.map((variable, i) => ({ name: `v${i}`, variable, trainable: true }));
	}

	// A block does not reach over the end of an epoch.
	override onEpochStart(): void {
		this.#steps = 0;
		this.#bareBlock();
		this.#began = cost();
	}

	override onBatchEnd(): void {
		this.#steps += 1;
		if (this.#steps % this.p.block === 0) {
			this.#loop.push(since(this.#began, this.p.block));
			this.#bareBlock();
			this.#began = cost();
		}
	}

	override onRunEnd(_training: Training): void {
		const file = process.env['GIMLET_LOOP'];
		if (file !== undefined) {
			const skip = this.p.warm_up;
			writeFileSync(file, JSON.stringify({ loop: this.#loop.slice(skip), bare: this.#bare.slice(skip) }));
		}
	}

	#bareBlock(): void {
		const began = cost();
		for (let i = 0; i < this.p.block; i += 1) {
			this.#bareStep();
		}
		this.#bare.push(since(began, this.p.block));
	}

	#bareStep(): void {
		const { variables, loss } = this.#workload!;
		const { value, grads } = tf.variableGrads(loss, variables);
		const gradients = Object.fromEntries(this.#variables.map((one) => [one.name, grads[one.variable.name]!]));
		this.#adam.update(this.#variables, gradients, 0.001);
		value.dataSync();
		tf.dispose([value, ...Object.values(gradients)]);
	}
}

/** Milliseconds: of the clock, and of all threads of this process. */
interface Cost {
	readonly ms: number;
	readonly cpuMs: number;
}

function cost(): Cost {
	const { user, system } = process.cpuUsage();
	return { ms: performance.now(), cpuMs: (user + system) / 1000 };
}

function since(began: Cost, steps: number): Cost {
	const { ms, cpuMs } = cost();
	return { ms: (ms - began.ms) / steps, cpuMs: (cpuMs - began.cpuMs) / steps };
}
