import { assertSound, type Checked } from '../../registry/check.ts';
import { type Operative, operativeOf } from '../../registry/operative.ts';
import { checkDescribed, type Described, describeConfig } from '../catalog.ts';
import type { ConfigOptions } from '../training-config.ts';

/** A config that has no mistakes, with all that it means; what it does not use is no mistake here. */
export interface EffectiveConfig extends Described {
	readonly checked: Checked;
	readonly operative: Operative;
}

/** Reads a config as it is in a scope; every problem is reported at once. */
export async function effectiveConfig(
	files: readonly string[],
	options: ConfigOptions,
	scope = '',
): Promise<EffectiveConfig> {
	const described = await describeConfig(files, options);
	const checked = checkDescribed(described, { ...options, allowUnused: true }, scope);
	assertSound(checked);
	return {
		...described,
		checked,
		// Made for those who ask: macros in macros are written out in it.
		get operative() {
			return operativeOf(checked.reached.nodes, checked.lookup);
		},
	};
}
