import type { Cases } from './case.ts';
import { convolutions } from './convolutions.ts';
import { elementwise } from './elementwise.ts';
import { empty } from './empty.ts';
import { functions } from './functions.ts';
import { fused } from './fused.ts';
import { images } from './images.ts';
import { lookups } from './lookups.ts';
import { networks } from './networks.ts';
import { poolings } from './poolings.ts';
import { products } from './products.ts';
import { rearrangements } from './rearrangements.ts';
import { reductions } from './reductions.ts';
import { resizing } from './resizing.ts';
import { sequences } from './sequences.ts';
import { volumes } from './volumes.ts';

/** Every operation whose value and gradient an engine answers for. */
export const cases: Cases = {
	...elementwise,
	...reductions,
	...products,
	...convolutions,
	...poolings,
	...fused,
	...rearrangements,
	...resizing,
	...functions,
	...sequences,
	...lookups,
	...images,
	...volumes,
	...networks,
	...empty,
};
