import { z } from 'zod';
import { parseFrequency } from '../../core/frequency.ts';

/** A parameter that says how often: `'500 steps'`, `'0.5 epochs'`, `'128 examples'`, `'10 seconds'`. */
export function isFrequency(): z.ZodString {
	return z.string().check((context) => {
		try {
			parseFrequency(context.value);
		} catch (error) {
			context.issues.push({ code: 'custom', input: context.value, message: (error as Error).message });
		}
	});
}
