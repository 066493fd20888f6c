import { join } from 'node:path';
import { nearPath } from '../core/near-path.ts';
import { projectRoot } from './training-config.ts';

/** How a program of this installation is typed where this one was started: `bin/train.ts`, or its whole path. */
export function doorPath(name: string): string {
	return nearPath(join(projectRoot, 'bin', `${name}.ts`));
}
