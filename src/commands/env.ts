import { largest } from '../core/extremes.ts';
import { visible } from '../core/visible.ts';
import type { Program } from './main.ts';
import { printJson } from './output.ts';
import { resultsDir } from './runs/places.ts';
import { dataDir, projectRoot } from './training-config.ts';

/** A variable of the environment that some program reads. */
interface Variable {
	readonly name: string;
	readonly meaning: string;
	/** What holds where it is not set; undefined: nothing. */
	readonly otherwise?: () => string;
}

const variables: readonly Variable[] = [
	{ name: 'DATA_DIR', meaning: 'where data sets are kept', otherwise: dataDir },
	{ name: 'RESULTS_DIR', meaning: 'where experiments and runs are looked for', otherwise: resultsDir },
	{
		name: 'DEVICE_NAME',
		meaning: "this machine's name, for configs that say use device = env('DEVICE_NAME', 'default')",
		otherwise: () => 'default',
	},
	{ name: 'GIMLET_MIRRORS', meaning: 'addresses that prepare tries in place of the declared ones, by commas' },
	{ name: 'GIMLET_SIMD', meaning: 'narrower vectors for the engine: sse or avx2 (native), simd128 (wasm)' },
	{ name: 'GIMLET_DAWN', meaning: 'options of Dawn, for measuring on a GPU' },
	{
		name: 'GIMLET_COMPILED',
		meaning: '0: programs run from their sources, never from the build',
		otherwise: () => '1',
	},
	{ name: 'GIMLET_BUILD_SECONDS', meaning: 'most seconds for compiling the kernels', otherwise: () => '60' },
	{ name: 'CC', meaning: 'the C compiler for the kernels; cc, gcc and clang are tried in turn where it is not set' },
	{ name: 'DEBUG', meaning: 'anything: an error shows where it came from' },
];

/** `bin/env.ts`: what the environment says, and what holds where it says nothing. */
export const environment: Program = {
	name: 'env',
	define(command, io) {
		command
			.description('Print where gimlet is and every variable it reads: value, origin and meaning.')
			.option('--json', 'print JSON')
			.action((options: { json?: boolean }) => {
				const rows = [
					{ name: 'ROOT', value: projectRoot, origin: 'this program', meaning: 'where gimlet is; set by e.sh' },
					...variables.map(resolved),
				];
				if (options.json) {
					printJson(io, rows);
				} else {
					io.stdout.write(table(rows));
				}
			});
	},
};

interface Row {
	readonly name: string;
	/** Null where it is not set and nothing takes its place. */
	readonly value: string | null;
	readonly origin: string;
	readonly meaning: string;
}

// An empty variable counts as one that is not set.
function resolved({ name, meaning, otherwise }: Variable): Row {
	const value = process.env[name];
	if (value) {
		return { name, value, origin: 'environment', meaning };
	}
	return otherwise === undefined
		? { name, value: null, origin: 'not set', meaning }
		: { name, value: otherwise(), origin: 'default', meaning };
}

function table(rows: readonly Row[]): string {
	const shown = rows.map(({ name, value, origin, meaning }) => [name, visible(value ?? '-'), origin, meaning]);
	const widths = [0, 1, 2].map((column) => largest(shown.map((row) => row[column]!.length)));
	return shown.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`).join('');
}
