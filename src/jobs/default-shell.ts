import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** The shell of a list that names none: bash, as in `bash batch.sh` and on clusters; sh where there is no bash. */
export function defaultShell(path = process.env['PATH'] ?? ''): string {
	const hasBash = path.split(':').some((folder) => isProgram(join(folder, 'bash')));
	return hasBash ? 'bash' : 'sh';
}

function isProgram(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
