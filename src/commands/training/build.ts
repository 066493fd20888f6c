import { parseDuration } from '../../core/frequency.ts';
import type { EngineInfo } from '../../engine/backend.ts';
import { joinScope } from '../../gin/model/scopes.ts';
import type { Configuration } from '../../registry/configuration.ts';
import type { Constructed } from '../../registry/container.ts';
import type { LoopLimits, LoopParts } from '../../train/loop-parts.ts';
import { parseNanPolicy } from '../../train/nan-policy.ts';
import type { Called } from '../../train/parts.ts';
import type { DeviceSettings, LoopSettings, TrainSettings } from '../../train/settings.ts';
import { dataDir } from '../training-config.ts';

/** A config turned into what trains: engine started, data loaded, model built. Nothing has been written. */
export interface Built {
	readonly parts: LoopParts;
	readonly train: TrainSettings;
	readonly loop: LoopSettings;
	readonly engine: EngineInfo;
	/** Registered names, for records and messages. */
	readonly names: { readonly model: string; readonly dataset: string; readonly optimizer: string };
}

/** Starts the engine and builds everything that a checked config describes. */
export async function build(config: Configuration): Promise<Built> {
	const { container } = config;
	const train = container.resolve<TrainSettings>('train');
	const loop = container.resolve<LoopSettings>('training_loop');
	const device = container.resolve<DeviceSettings>('device');
	const { startEngine } = await import('../../engine/backend.ts');
	const engine = await startEngine({
		backend: device.backend,
		allowSoftware: device.allow_software,
		...(device.threads === null ? {} : { threads: device.threads }),
	});
	const { buildParts } = await import('../../train/parts.ts');
	const parts = await buildParts(train, dataDir(), (component) => called(container.builtAs(component)));
	const nameOf = (component: object) => container.nameOf(component);
	const [model, dataset, optimizer] = [train.model, train.dataset, train.optimizer].map(nameOf);
	return { parts, train, loop, engine, names: { model: model!, dataset: dataset!, optimizer: optimizer! } };
}

function called({ component: { name }, scope }: Constructed): Called {
	return { name, scope, path: joinScope(scope, name) };
}

/** When the loop of such settings ends. */
export function limitsOf(settings: LoopSettings): LoopLimits {
	return {
		nEpochs: settings.n_epochs,
		maxSteps: settings.max_steps ?? undefined,
		trainFor: settings.train_for === null ? undefined : parseDuration(settings.train_for),
		onNan: parseNanPolicy(settings.on_nan),
		trainBatches: settings.limit_train_batches ?? undefined,
		evaluationBatches: settings.limit_evaluation_batches ?? undefined,
	};
}
