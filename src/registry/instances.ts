import type { InstanceOf } from './check.ts';
import { Container } from './container.ts';
import type { Registry } from './registry.ts';

/** Builds single components for rules that ask them; those whose code is not loaded are not asked. */
export function instancesOf(registry: Registry): InstanceOf {
	return ({ component, scope }, lookup) => {
		if (registry.find(component.name) === undefined) {
			return undefined;
		}
		try {
			return new Container(registry, lookup).resolve<object>(component.name, scope);
		} catch {
			// What cannot be built yet says so when it is.
			return undefined;
		}
	};
}
