import { nearPath } from '../../core/near-path.ts';
import type { Checked } from '../../registry/check.ts';
import type { Configuration } from '../../registry/configuration.ts';
import { inspectFolder } from '../../run/folder.ts';
import { readStatus } from '../../run/status.ts';
import { assemble, storedOrder, upload } from '../../train/batches.ts';
import { Loop } from '../../train/loop.ts';
import { type Built, limitsOf } from './build.ts';
import { completeText, type Decision, type DecisionOptions, decide } from './decision.ts';

type Say = (text: string) => void;

/**
 * Says what `train` would do with a folder, builds everything a config describes and pushes one batch through every part;
 * nothing is written.
 */
export async function dryRun(
	folder: string,
	config: Configuration,
	checked: Checked,
	options: DecisionOptions,
	say: Say,
): Promise<void> {
	const decision = await decide(folder, config, checked, options);
	if (decision.action === 'complete') {
		say(completeText(folder, decision.epochs));
		return;
	}
	decision.notices.forEach(say);
	say(intention(folder, decision, options));
	await oneBatch(decision.built, say);
	say('dry run: everything works; nothing was created.');
}

function intention(folder: string, { plan }: Decision, { forceNew }: DecisionOptions): string {
	const shown = nearPath(folder);
	const { epoch = 0, step = 0 } = readStatus(folder) ?? {};
	switch (plan.action) {
		case 'start':
			return forceNew && inspectFolder(folder).kind === 'run'
				? `${shown}: the run that is here would be moved aside, and a new one started.`
				: `${shown}: a new run would be started.`;
		case 'continue':
			return `${shown}: the run that is here would be continued (epoch ${epoch}, step ${step}).`;
		case 'replace':
			return `${shown}: the run that is here has done no step; a new one would take its place.`;
	}
}

async function oneBatch(built: Built, say: Say): Promise<void> {
	const { parts, engine } = built;
	say(`engine: ${engine.tier} (${engine.simd}, ${engine.threads} threads; ${engine.reason})`);
	const limits = {
		...limitsOf(built.loop),
		nEpochs: 1,
		trainBatches: 1,
		evaluationBatches: 1,
		maxSteps: undefined,
		trainFor: undefined,
	};
	const place = {
		run: undefined,
		isTrial: true,
		console: { isTTY: false, columns: 80, write: () => {} },
		notice: say,
		saves: undefined,
		interruption: { requested: () => false },
	};
	// Of all of training, as against the one batch.
	new Loop(parts, limitsOf(built.loop), place).rateNotices().forEach(say);
	const loop = new Loop(parts, limits, place);
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
