import type { Callback } from './contracts/callback.ts';
import type { Training } from './contracts/training.ts';

/** Sets the factor that `callback` puts on the learning rate; a second callback of the same class has its own. */
export function setRateFactor(training: Training, callback: Callback, name: string, factor: number): void {
	const equals = training.callbacks.filter((other) => other.constructor === callback.constructor);
	const number = equals.indexOf(callback) + 1;
	training.rateFactors.set(number > 1 ? `${name}#${number}` : name, factor);
}
