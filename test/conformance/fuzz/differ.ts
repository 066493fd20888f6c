import { dice } from '../../../scripts/gin-mutations.ts';
import type { Case, Json } from '../case.ts';
import { compareProduction, type Difference } from '../production/compare.ts';
import { runProduction } from '../production/run-case.ts';
import { runCase } from '../run-case.ts';
import { generatePair, type Pair } from './generate.ts';

/** What came of so many random configs in both readings. */
export interface Fuzzed {
	readonly configs: number;
	/** Values that were compared, those in containers and in parameters of components each by itself. */
	readonly values: number;
	readonly different: ReadonlyArray<{ readonly pair: Pair; readonly differences: readonly Difference[] }>;
}

/** Runs random configs through the host and through production until so many values have been compared. */
export async function fuzz(values: number, seed: number): Promise<Fuzzed> {
	const roll = dice(seed);
	const different: Array<{ pair: Pair; differences: readonly Difference[] }> = [];
	let compared = 0;
	let configs = 0;
	for (; compared < values && different.length < 5; configs++) {
		const pair = generatePair(roll, `fuzz ${seed} ${configs}`);
		const expect = runCase(pair.host);
		const given: Case = { ...pair.production, expect };
		const { differences, noForm } = compareProduction(given, await runProduction(given));
		if (differences.length > 0 || noForm.length > 0) {
			different.push({ pair, differences });
		}
		compared += countOf([expect['calls'] ?? null, expect['queries'] ?? null]);
	}
	return { configs, values: compared, different };
}

function countOf(json: Json): number {
	if (json === null || typeof json !== 'object') {
		return 1;
	}
	return Object.values(json).reduce((sum: number, part) => sum + countOf(part), 0);
}
