import { GimletError } from '../../core/errors.ts';
import { nearPath } from '../../core/near-path.ts';
import { stacksOf } from '../../core/stacks.ts';
import { asGimletError } from '../../core/system-errors.ts';
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

/** What ended a run, as an error whose message says where its stack is if nothing else does. */
export function locatedFailure(folder: string, failure: unknown): unknown {
	if (failure instanceof GimletError || asGimletError(failure) !== undefined) {
		return failure;
	}
	const message = failure instanceof Error ? failure.message : String(failure);
	const place = nearPath(runPath(folder, 'stderr'));
	return new GimletError('run.failed', `${message} (${place} shows where)`, { cause: failure });
}
