import { visible } from '../core/visible.ts';
import type { Job } from './list.ts';
import { exitText, type Outcome } from './outcome.ts';

export interface Summary {
	readonly text: string;
	/** Every job ended well. */
	readonly isFine: boolean;
	/** Some have not come to an end of their own. */
	readonly isUnfinished: boolean;
}

/** What a list came to: the failed jobs by line and log first, then the counts. `finished`: ended well before. */
export function summarise(
	jobs: readonly Job[],
	outcomes: ReadonlyMap<string, Outcome>,
	finished: number,
	logOf: (name: string, attempt: number) => string,
): Summary {
	const shown: Record<string, string[]> = { failed: [], [again]: [] };
	const counts = new Map<string, number>();
	for (const job of jobs) {
		const outcome = outcomes.get(job.key);
		const kind = kindOf(outcome);
		counts.set(kind, (counts.get(kind) ?? 0) + 1);
		if (outcome !== undefined) {
			shown[kind]?.push(
				`  line ${job.line}  ${why(outcome)}  ${visible(logOf(job.name, outcome.attempt))}\n    ${visible(firstLine(job.command))}`,
			);
		}
	}
	const parts = kinds.flatMap((kind) => (counts.has(kind) ? [`${counts.get(kind)} ${kind}`] : []));
	const before = finished === 0 ? [] : [`${finished} finished before`];
	const heads = Object.entries(shown).map(([kind, lines]) =>
		lines.length === 0 ? '' : `${kind}:\n${lines.join('\n')}\n`,
	);
	return {
		text: `${heads.join('')}${[...parts, ...before].join(', ')}\n`,
		isFine: counts.size === 1 && counts.has('ok'),
		isUnfinished: [again, 'interrupted', 'not run'].some((kind) => counts.has(kind)),
	};
}

const again = 'to run again';
const kinds: readonly string[] = ['ok', 'failed', again, 'interrupted', 'not run'];

function kindOf(outcome: Outcome | undefined): string {
	if (outcome === undefined) {
		return 'not run';
	}
	const { state } = outcome;
	return state === 'again' ? again : state === 'ok' || state === 'interrupted' ? state : 'failed';
}

/** `exit 3`, `SIGKILL`, `timeout`, … */
export function why(outcome: Outcome): string {
	const { state } = outcome;
	if (state === 'timeout' || state === 'lost' || state === 'interrupted') {
		return state;
	}
	return state === 'ok' ? 'ok' : exitText(outcome);
}

function firstLine(command: string): string {
	const [first = '', ...rest] = command.split('\n');
	return rest.length === 0 ? first : `${first} …`;
}
