import { tf } from './tf.ts';
import { hasKernels } from './wasm-backend.ts';

/**
 * Whether one kernel may do the work of several operations, here and now.
 *
 * Fused kernels and their gradients are not differentiable a second time: within a gradient that is itself
 * differentiated (a gradient penalty, say) what is composed of tfjs's own operations serves, at their speed.
 */
export function mayFuse(): boolean {
	return hasKernels() && tf.engine().state.gradientDepth < 2;
}

/** Whether the gradient that is being computed may use fused kernels: nobody records it. */
export function mayFuseGradient(): boolean {
	return hasKernels() && tf.engine().state.gradientDepth === 0;
}

/** Refuses what has no second derivative: tfjs would take it for zero. */
export function differentiateOnce(what: string): void {
	if (tf.engine().state.gradientDepth > 1) {
		throw new TypeError(
			`${what}: its gradient cannot be differentiated again; compose the loss of elementary operations`,
		);
	}
}
