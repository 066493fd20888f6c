import { eventFiles, wholeEvents } from '../events.ts';
import { runPath } from '../paths.ts';
import type { Findings, Instant } from './findings.ts';

/** Checks the checksums of every record of the event files. */
export function checkEvents(folder: string, last: Instant | undefined, isFinished: boolean, findings: Findings): void {
	const { problems, notes } = findings;
	const path = runPath(folder, 'events');
	const files = eventFiles(path);
	findings.files += files.length;
	for (const file of files) {
		const { bytes, size } = wholeEvents(file);
		const relied = file === files.at(-1) ? (last?.eventBytes ?? 0) : 0;
		if (bytes < relied) {
			problems.push(`${file} is whole for ${bytes} bytes; the checkpoint ${last?.checkpoint} relies on ${relied}.`);
		} else if (bytes < size) {
			const text = `${file} is damaged or torn after ${bytes} of ${size} bytes.`;
			(isFinished ? problems : notes).push(text);
		}
	}
	if (files.length === 0 && (last?.eventBytes ?? 0) > 0) {
		problems.push(`${path} holds no event file; the checkpoint ${last?.checkpoint} relies on one.`);
	}
}
