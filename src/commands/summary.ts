import { existsSync, statSync } from 'node:fs';
import { UsageError } from '../core/errors.ts';
import { largest } from '../core/extremes.ts';
import { visible } from '../core/visible.ts';
import type { LayerRow } from '../train/contracts/model.ts';
import type { Program } from './main.ts';
import { printJson } from './output.ts';
import { addConfigOptions, type ConfigOptions, openTrainingConfig } from './training-config.ts';

/** `bin/summary.ts`: the layers of the model that a config describes. */
export const summary: Program = {
	name: 'summary',
	define(command, io) {
		command
			.description('Show the layers, shapes and parameters of the model that a config describes, or a run has.')
			.argument('<config...>', '.gin files, or a run folder')
			.option('--json', 'print JSON');
		addConfigOptions(command);
		command.action(async (files: string[], options: ConfigOptions & { json?: boolean }) => {
			const rows = await summarise(files, options);
			if (options.json) {
				printJson(io, rows);
			} else {
				io.stdout.write(summaryTable(rows));
			}
		});
	},
};

async function summarise(files: readonly string[], options: ConfigOptions): Promise<readonly LayerRow[]> {
	const recorded = files.length === 1 ? await recordedRows(files[0]!) : undefined;
	if (recorded !== undefined) {
		return recorded;
	}
	const { config } = await openTrainingConfig(files, options);
	const { startEngine, stopEngine } = await import('../engine/backend.ts');
	const { Streams } = await import('../core/random.ts');
	const settings = config.resolve<import('../train/settings.ts').TrainSettings>('train');
	// Shapes do not depend on the engine, and this one starts at once.
	await startEngine({ backend: 'cpu' });
	try {
		await settings.model.build(settings.dataset.spec, new Streams(settings.seed));
		return settings.model.rows();
	} finally {
		settings.model.dispose();
		await stopEngine();
	}
}

// What a run built is in its record.
async function recordedRows(path: string): Promise<readonly LayerRow[] | undefined> {
	if (!existsSync(path) || !statSync(path).isDirectory()) {
		return undefined;
	}
	const { readRecord } = await import('../run/layouts.ts');
	const layers: readonly object[] = readRecord(path, 'model')?.layers ?? [];
	const rows = layers.filter(isRow);
	if (rows.length === 0) {
		throw new UsageError('config.no_run', `"${path}" is no run folder with a model.json that lists layers.`);
	}
	return rows;
}

function isRow(layer: object): layer is LayerRow {
	return 'outputShape' in layer && Array.isArray(layer.outputShape) && 'parameters' in layer && 'trainable' in layer;
}

/** Rows as an aligned table, with the totals below. */
export function summaryTable(rows: readonly LayerRow[]): string {
	const cells = rows.map(({ name, type, outputShape, parameters }) => [
		visible(name),
		visible(type),
		`[${outputShape.join(', ')}]`,
		`${parameters}`,
	]);
	const table = [['layer', 'type', 'output shape', 'parameters'], ...cells];
	const widths = [0, 1, 2, 3].map((column) => largest(table.map((row) => row[column]!.length)));
	const lines = table.map((row) =>
		row
			.map((cell, i) => (i === 3 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
			.join('  ')
			.trimEnd(),
	);
	const total = rows.reduce((sum, { parameters }) => sum + parameters, 0);
	const trainable = rows.reduce((sum, row) => sum + row.trainable, 0);
	return `${[...lines, '', `${total} parameters, ${trainable} trainable`].join('\n')}\n`;
}
