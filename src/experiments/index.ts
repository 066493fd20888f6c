/** What an experiment's main.ts needs to describe itself. */
export { choice, type Distribution, grid, logUniform, product, random, seeds, uniform, zip } from './axes.ts';
export { defineExperiment, type Experiment, type ExperimentSpec } from './experiment.ts';
export { type AxisValue, type GinText, gin, type Point, type Sweep } from './point.ts';
export { sweep } from './sweep.ts';
