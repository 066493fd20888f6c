import { visible } from '../../core/visible.ts';
import { runPath } from '../../run/paths.ts';
import { appendSeparator } from '../../run/separator.ts';

/** Appends what ended a run, and where in the code, to its `stderr.txt`; the console shows the message alone. */
export function recordFailure(folder: string, failure: unknown): void {
	try {
		appendSeparator(runPath(folder, 'stderr'), stacksOf(failure).split('\n').map(visible).join('\n'));
	} catch {
		// A disk that is full has ended the run, as is reported anyway.
	}
}

// The first cause last, as it is the one that names the user's file.
function stacksOf(failure: unknown): string {
	if (!(failure instanceof Error)) {
		return String(failure);
	}
	const own = failure.stack ?? failure.message;
	return failure.cause === undefined ? own : `${own}\nCaused by: ${stacksOf(failure.cause)}`;
}
