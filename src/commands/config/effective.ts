import { assertSound, type Checked, check } from '../../registry/check.ts';
import { type Operative, operativeOf } from '../../registry/operative.ts';
import { type Described, describeConfig, rootsOf } from '../catalog.ts';
import { type ConfigOptions, strictness } from '../training-config.ts';

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
	const { merged, catalog, refine, constants } = described;
	const roots = rootsOf(catalog, merged).map((root) => (scope === '' ? root : `${scope}/${root}`));
	const checked = check(merged, catalog, roots, {
		...strictness({ ...options, allowUnused: true }),
		constants,
		...(refine === undefined ? {} : { refine }),
	});
	assertSound(checked);
	return { ...described, checked, operative: operativeOf(checked.reached.nodes, checked.lookup) };
}
