import type * as tfc from '@tensorflow/tfjs-core';
import type { Streams } from '../../core/random.ts';
import { decorator } from '../../registry/decorators.ts';
import { defineKind } from '../../registry/kinds.ts';
import type { DataSpec } from './data.ts';
import type { Loss } from './loss.ts';

/** A weight by its stable name, such as `conv1/kernel`. */
export interface ModelVariable {
	readonly name: string;
	readonly variable: tfc.Variable;
	/** False for running statistics. */
	readonly trainable: boolean;
}

/** One row of the summary. */
export interface LayerRow {
	readonly name: string;
	readonly type: string;
	/** Without the batch. */
	readonly outputShape: readonly number[];
	readonly parameters: number;
	readonly trainable: number;
}

/** Inputs `[batch, ...shape]` float32 and targets (`[batch]` int32 classes, or float32 values). */
export interface Batch {
	readonly inputs: tfc.Tensor;
	readonly targets: tfc.Tensor;
	readonly size: number;
	readonly ids: Int32Array;
}

export interface ForwardContext {
	readonly training: boolean;
	readonly streams: Streams;
}

/** Outputs of one pass and the parts of its loss by name; the total is their sum. */
export interface StepResult {
	readonly outputs: tfc.Tensor;
	readonly losses: Readonly<Record<string, tfc.Scalar>>;
}

/** A network: named variables and a forward pass. */
export abstract class Model {
	/** Creates the variables for such data; initial values come from the stream `init` only. */
	abstract build(spec: DataSpec, streams: Streams): void | Promise<void>;
	/** Inputs `[batch, ...shape]` to outputs, for classes the logits `[batch, classes]`. */
	abstract forward(inputs: tfc.Tensor, context: ForwardContext): tfc.Tensor;
	/** In a fixed order, unique names. */
	abstract variables(): readonly ModelVariable[];
	abstract rows(): readonly LayerRow[];
	abstract dispose(): void;

	/** One pass with its loss; override to learn from something else than `loss(outputs, targets)`. */
	step(batch: Batch, loss: Loss, context: ForwardContext): StepResult {
		const outputs = this.forward(batch.inputs, context);
		return { outputs, losses: loss.parts(outputs, batch.targets, this) };
	}
}

export const modelKind = defineKind<Model>(
	'model',
	'models',
	'A network with named variables and a forward pass.',
	// One with a step of its own may add parts to the loss.
	(target) => ((target as { prototype: Model }).prototype.step === Model.prototype.step ? [] : undefined),
);
export const model = decorator(modelKind);
