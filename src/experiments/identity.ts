import { createHash } from 'node:crypto';
import type { Operative } from '../registry/operative.ts';

/**
 * The identity of a job: a hash over every effective value but those of the machine (`device`) and of its paths, so that
 * one job has one id everywhere, however its config is written. 10 hexadecimal digits.
 */
export function jobId(operative: Operative): string {
	const hash = createHash('sha256');
	for (const line of meaning(operative)) {
		hash.update(`${line}\n`);
	}
	return hash.digest('hex').slice(0, 10);
}

/** `component.parameter = value` for everything that belongs to a job's identity, sorted. */
export function meaning({ components }: Operative): string[] {
	return Object.entries(components)
		.flatMap(([component, { parameters }]) => [
			component,
			...Object.entries(parameters)
				.filter(([parameter, { added }]) => !added && !isOfTheMachine(component, parameter))
				.map(([parameter, { text, path }]) => `${component}.${parameter} = ${path ?? text}`),
		])
		.filter((line) => !isDevice(line))
		.sort();
}

/** Whether a parameter says where, not what, is computed. */
export function isOfTheMachine(component: string, parameter: string): boolean {
	return (
		isDevice(component) ||
		/(?:^|_)(?:dir|path|folder)$/u.test(parameter) ||
		`${component}.${parameter}` === 'training_loop.resume'
	);
}

function isDevice(component: string): boolean {
	return /^(?:.*\/)?device$/u.test(component);
}
