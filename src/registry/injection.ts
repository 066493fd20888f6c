import 'reflect-metadata';
import { decorate, inject, injectable, injectFromBase, type Newable } from 'inversify';

/** The identifier of a component's parsed parameters, its first constructor argument. */
export const parametersToken = Symbol('parameters');

const prepared = new WeakSet<object>();

/** Tells inversify that a class' first constructor argument is its parameters; once per class. */
export function prepareInjection(target: Newable): void {
	if (prepared.has(target)) {
		return;
	}
	prepared.add(target);
	const parent: unknown = Object.getPrototypeOf(target);
	if (typeof parent === 'function' && parent !== Function.prototype && !hasOwnConstructor(target)) {
		prepareInjection(parent as Newable);
		decorate(injectable(), target);
		decorate(injectFromBase({ extendConstructorArguments: true, extendProperties: true }), target);
	} else if (hasOwnConstructor(target)) {
		decorate(inject(parametersToken), target, 0);
	}
}

function hasOwnConstructor(target: Newable): boolean {
	return /\bconstructor\s*\(/u.test(Function.prototype.toString.call(target));
}
