/** The public API: what components of your own import, as in `import { model, Model } from 'gimlet'`. */
export * from './core/errors.ts';
export { Stream, Streams } from './core/random.ts';
export { layers, tf } from './engine/tf.ts';
export { Configuration } from './registry/configuration.ts';
export { declareFunction, decorator } from './registry/decorators.ts';
export { defineKind, functionKind, type Kind } from './registry/kinds.ts';
export { component, named } from './registry/parameters.ts';
export * from './train/contracts/callback.ts';
export * from './train/contracts/data.ts';
export * from './train/contracts/frequency.ts';
export * from './train/contracts/loss.ts';
export * from './train/contracts/metric.ts';
export * from './train/contracts/model.ts';
export * from './train/contracts/optimizer.ts';
export * from './train/contracts/schedule.ts';
export * from './train/contracts/training.ts';
export { LayersModel } from './train/layers-model.ts';
export type { NetworkBuilder } from './train/network-builder.ts';
