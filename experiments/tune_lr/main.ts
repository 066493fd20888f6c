#!/usr/bin/env -S sh -c 'trap _s=USR1 USR1;trap _s=USR2 USR2;_f=$(readlink -f "$0");_r=${_f%/*/*/*};. "$_r/scripts/launch.sh"'
import { runIfMain } from '../../src/commands/experiment.ts';
import { defineExperiment, grid, seeds } from '../../src/experiments/index.ts';

export const experiment = defineExperiment({
	question: 'Which learning rate suits the small CNN on the digits?',
	from: import.meta.url,
	metric: 'valid/accuracy',
	baseline: { 'adam.learning_rate': 1e-3 },
	variants: {
		small: [grid({ 'adam.learning_rate': [1e-3, 1e-2] }), seeds(2)],
		large: [grid({ 'adam.learning_rate': [1e-4, 3e-4, 1e-3, 3e-3, 1e-2] }), seeds(5)],
	},
});

await runIfMain(import.meta.url, experiment);
