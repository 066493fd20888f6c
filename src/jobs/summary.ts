import { visible } from '../core/visible.ts';
import type { Job } from './list.ts';
import type { Outcome } from './outcome.ts';

export interface Summary {
	readonly text: string;
	/** Every job ended well. */
	readonly isFine: boolean;
}

/** What a list came to: the failed jobs by line and log first, then the counts. `finished`: ended well before. */
export function summarise(
	jobs: readonly Job[],
	outcomes: ReadonlyMap<string, Outcome>,
	finished: number,
	logOf: (name: string, attempt: number) => string,
): Summary {
	const failures: string[] = [];
	const counts = new Map<string, number>();
	for (const job of jobs) {
		const outcome = outcomes.get(job.key);
		const kind = kindOf(outcome);
		counts.set(kind, (counts.get(kind) ?? 0) + 1);
		if (outcome !== undefined && kind === 'failed') {
			failures.push(
				`  line ${job.line}  ${why(outcome)}  ${visible(logOf(job.name, outcome.attempt))}\n    ${visible(firstLine(job.command))}`,
			);
		}
	}
	const parts = ['ok', 'failed', 'interrupted', 'not run'].flatMap((kind) =>
		counts.has(kind) ? [`${counts.get(kind)} ${kind}`] : [],
	);
	const before = finished === 0 ? [] : [`${finished} finished before`];
	const head = failures.length === 0 ? '' : `failed:\n${failures.join('\n')}\n`;
	return { text: `${head}${[...parts, ...before].join(', ')}\n`, isFine: counts.size === 1 && counts.has('ok') };
}

function kindOf(outcome: Outcome | undefined): 'ok' | 'failed' | 'interrupted' | 'not run' {
	if (outcome === undefined) {
		return 'not run';
	}
	return outcome.state === 'ok' || outcome.state === 'interrupted' ? outcome.state : 'failed';
}

/** `exit 3`, `SIGKILL`, `timeout`, … */
export function why({ state, code, signal }: Outcome): string {
	if (state === 'timeout' || state === 'lost' || state === 'interrupted') {
		return state;
	}
	return state === 'ok' ? 'ok' : (signal ?? `exit ${code}`);
}

function firstLine(command: string): string {
	const [first = '', ...rest] = command.split('\n');
	return rest.length === 0 ? first : `${first} …`;
}
