import { join } from 'node:path';
import { placeBelow } from '../../files/inside.ts';
import { writeInside } from '../../files/writing.ts';
import { guardOf, isOneCommand } from '../guard.ts';
import type { Job } from '../list.ts';

/**
 * The text of `jobs.tsv`, one line per job: key, name, file to source first, file of a command of several lines, whether
 * exit code 0 means all of it, what protects its shell from signals, command. A minus sign is for none. Writes those files.
 */
export function jobsFile(jobs: readonly Job[], path: string, shell: string): string {
	const setups = new Map<string, string>();
	return jobs
		.map(({ key, name, setup, command }) => {
			if (setup !== '' && !setups.has(setup)) {
				setups.set(setup, `setup-${setups.size + 1}.sh`);
				writeInside(...placeBelow(join(path, setups.get(setup)!)), setup);
			}
			const isLong = command.includes('\n');
			if (isLong) {
				writeInside(...placeBelow(join(path, `${key}.sh`)), `${command}\n`);
			}
			const files = [setups.get(setup) ?? '-', isLong ? `${key}.sh` : '-'];
			const tells = isOneCommand(command) ? 'one' : 'several';
			const guard = guardOf(shell, command).trim() || ':';
			return `${[key, name, ...files, tells, guard, isLong ? '-' : command].join('\t')}\n`;
		})
		.join('');
}
