import type { Configuration } from '../../registry/configuration.ts';
import { assemble, storedOrder, upload } from '../../train/batches.ts';
import { Loop } from '../../train/loop.ts';
import { build, limitsOf } from './build.ts';
import { lookFirst } from './first-look.ts';

type Say = (text: string) => void;

/** Builds everything a config describes and pushes one batch through every part; nothing is written. */
export async function dryRun(config: Configuration, say: Say): Promise<void> {
	const built = await build(config);
	const { parts, engine } = built;
	say(`engine: ${engine.tier} (${engine.simd}, ${engine.threads} threads; ${engine.reason})`);
	lookFirst(built, true).forEach(say);
	const limits = {
		...limitsOf(built.loop),
		nEpochs: 1,
		trainBatches: 1,
		evaluationBatches: 1,
		maxSteps: undefined,
		trainFor: undefined,
	};
	const loop = new Loop(parts, limits, {
		run: undefined,
		console: { isTTY: false, columns: 80, write: () => {} },
		notice: say,
		saves: undefined,
		interruption: { requested: () => false },
	});
	const { splits, spec } = parts.data;
	const sizes = Object.entries(splits).map(([name, { size }]) => `${name} ${size}`);
	say(`data: ${built.names.dataset}, [${spec.shape.join(', ')}], ${sizes.join(', ')}`);
	await loop.train();
	const test = await loop.evaluate('test');
	await loop.end('finished');
	say(`model: ${built.names.model}, outputs [${outputShape(loop)}]`);
	say(
		`one batch: ${[...Object.entries(loop.history[0] ?? {}), ...Object.entries(test)]
			.filter(([name]) => /^(?:train|valid|test)\//u.test(name))
			.map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
			.join('  ')}`,
	);
	say('dry run: everything works; nothing was created.');
}

function outputShape(loop: Loop): string {
	const { data, model, streams } = loop;
	const batch = upload(data, assemble(data, 'train', storedOrder(1), undefined, streams));
	const outputs = model.forward(batch.inputs, { training: false, streams });
	const shape = ['batch', ...outputs.shape.slice(1)].join(', ');
	for (const tensor of [outputs, batch.inputs, batch.targets]) {
		tensor.dispose();
	}
	return shape;
}
