import { say } from '../output.ts';
import type { DefineRuns } from '../runs.ts';
import { runFolder } from './places.ts';

/** `runs keep`: protects runs from `runs rm`. */
export const defineKeep: DefineRuns = (command, io) => {
	command
		.command('keep')
		.description('Protect runs from "runs rm", by a file KEEP in their folders.')
		.argument('<runs...>', 'run folders')
		.option('--note <text>', 'why, written into the file')
		.option('--off', 'end the protection')
		.action(async (names: string[], options: { readonly note?: string; readonly off?: boolean }) => {
			const [{ removeInside, writeInside }, { keepMarker }] = await Promise.all([
				import('../../files/writing.ts'),
				import('../../results/run-row.ts'),
			]);
			for (const folder of names.map(runFolder)) {
				if (options.off) {
					removeInside(folder, keepMarker);
				} else {
					writeInside(folder, keepMarker, options.note === undefined ? '' : `${options.note}\n`);
				}
				say(io, `${folder}: ${options.off ? 'no longer kept' : 'kept'}`);
			}
		});
};
