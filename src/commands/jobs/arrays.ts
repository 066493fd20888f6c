import type { Survey } from '../../jobs/cluster/standing.ts';
import { readSubmission, storeSubmission } from '../../jobs/cluster/submission.ts';

/** Writes down what a survey has found out about arrays of which nobody had said whether they were taken. */
export function storeFindings({ submissions }: Survey): void {
	for (const submission of submissions) {
		const stored = readSubmission(submission.folder);
		if (JSON.stringify(stored.arrays) !== JSON.stringify(submission.arrays)) {
			storeSubmission(submission);
		}
	}
}

/** The arrays of a list that a scheduler still has. */
export function activeArrays({ standings, strays }: Survey): string[] {
	const tasks = [...standings.flatMap(({ active }) => active), ...strays].map(({ task }) => task);
	return [...new Set(tasks.map((task) => task.split('_')[0]!))];
}
