import { type ExitCode, exitCodes } from '../../core/errors.ts';
import { operand, typedCommand } from '../../core/shell-quote.ts';
import { missingFiles } from '../../registry/named-files.ts';
import { checkDescribed, describeConfig } from '../catalog.ts';
import { doorCommand } from '../door.ts';
import type { Io } from '../main.ts';
import { say } from '../output.ts';
import type { ConfigOptions } from '../training-config.ts';

/** Checks each config; every problem of all of them goes to stderr. */
export async function checkFiles(
	configs: ReadonlyArray<readonly string[]>,
	options: ConfigOptions,
	io: Pick<Io, 'stderr'>,
): Promise<ExitCode> {
	let exitCode: ExitCode = exitCodes.ok;
	for (const files of configs) {
		const described = await describeConfig(files, options);
		const { problems, notices } = checkDescribed(described, options, '', [missingFiles]);
		for (const { text } of problems) {
			text.split('\n').forEach((line) => void say(io, line));
			exitCode = exitCodes.usage;
		}
		[...described.notices, ...notices].forEach((line) => void say(io, line));
		const [file] = files;
		if (files.length === 1 && problems.some(({ code }) => code === 'config.missing_value')) {
			const command = `${doorCommand('config', 'check')} CONFIG ${typedCommand([operand(file!), '--together'])}`;
			say(io, `If ${file} is mixed into another config, check both: ${command}`);
		}
	}
	return exitCode;
}
