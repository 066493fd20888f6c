import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import { visible, visibleJson } from '../../core/visible.ts';
import type { Operative, OperativeParameter } from '../../registry/operative.ts';
import { showOrigin } from '../../registry/origin.ts';
import { readRecord } from '../../run/layouts.ts';
import { runFiles } from '../../run/paths.ts';

/** What a run recorded of its config: its plug-ins and files may not exist here any more. */
export interface RecordedConfig {
	/** Absent in folders of old, and where it was removed. */
	readonly operative: Operative | undefined;
	/** The complete config. */
	readonly config: string;
}

/** What the run folder `path` recorded; undefined where it is no folder. */
export function recordedConfig(path: string): RecordedConfig | undefined {
	if (!existsSync(path) || !statSync(path).isDirectory()) {
		return undefined;
	}
	const operative = readRecord(path, 'operative') as Operative | undefined;
	const config = join(path, runFiles.config);
	if (operative === undefined && !existsSync(config)) {
		throw new UsageError('config.no_run', `"${path}" is no run folder: it has neither operative.json nor config.gin.`);
	}
	return { operative, config };
}

interface ShowRecorded {
	readonly origins?: boolean;
	readonly json?: boolean;
	readonly why?: string;
}

/** A recorded config as `config show` prints one. */
export function shownRecord(operative: Operative, { origins = false, json = false, why }: ShowRecorded): string {
	if (why !== undefined) {
		return explained(operative, why);
	}
	if (json) {
		return `${visibleJson(operative)}\n`;
	}
	const lines = entriesOf(operative).map(([key, parameter]) => {
		const line = `${key} = ${parameter.written ?? parameter.text}`;
		return origins ? `${line}  # ${originText(parameter)}` : line;
	});
	return `${lines.map(visible).join('\n')}\n`;
}

function explained(operative: Operative, name: string): string {
	const entries = entriesOf(operative);
	const found = entries.find(([key]) => key === name);
	if (found === undefined) {
		const near = didYouMean(
			name,
			entries.map(([key]) => key),
		);
		throw new UsageError('config.unknown_parameter', `The run recorded no "${name}".${near}`);
	}
	const [key, { text, written, origin, overrode, masked }] = found;
	const lines = [
		`${key} = ${text}`,
		`  from ${origin.type === 'default' ? 'its default' : showOrigin(origin)}`,
		...(written === undefined ? [] : [`  written ${written}`]),
		...overrode.map((lost) => `  over ${lost.text} from ${showOrigin(lost.origin)}`),
		...(masked ? ['  a secret, which is not recorded'] : []),
	];
	return `${lines.map(visible).join('\n')}\n`;
}

function entriesOf({ components }: Operative): Array<readonly [key: string, parameter: OperativeParameter]> {
	return Object.entries(components).flatMap(([path, { parameters }]) =>
		Object.entries(parameters).map(([name, parameter]) => [`${path}.${name}`, parameter] as const),
	);
}

function originText({ origin, overrode }: OperativeParameter): string {
	return [showOrigin(origin), ...overrode.map((lost) => `over ${lost.text} (${showOrigin(lost.origin)})`)].join(', ');
}
