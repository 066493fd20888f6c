import { join } from 'node:path';
import { nearPath } from '../core/near-path.ts';
import { typedCommand } from '../core/shell-quote.ts';
import { projectRoot } from './training-config.ts';

/** How a program of this installation is typed where this one was started: `bin/train.ts`, or its whole path. */
export function doorPath(name: string): string {
	return nearPath(join(projectRoot, 'bin', `${name}.ts`));
}

/** A command of this installation as it can be typed here: `bin/evaluate.ts 'my results/first'`. */
export function doorCommand(name: string, ...words: readonly string[]): string {
	const door = doorPath(name);
	return typedCommand([door.includes('/') ? door : `./${door}`, ...words]);
}
