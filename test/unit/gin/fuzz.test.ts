import test from 'ava';
import { giants } from '../../../scripts/gin-giants.ts';
import { dice, mutate } from '../../../scripts/gin-mutations.ts';
import { parse } from '../../../src/gin/parser.ts';
import { formatProblem } from '../../../src/gin/positions.ts';

const seedText = `# A config.
from __gin__ import dynamic_registration
import torch.optim as optim

include 'base.gin'
lr = 1e-3
train/net.layers = [
    32, 64,  # widths
    (1, 2.5, -3),
]
net:
  name = 'a' "b" r'\\n' '''c
d'''
  # inside
  table = {'k': [@s/f(), %lr, None], 2: b'\\xff', (1,): True}
run.optimizer = \\
    @optim.Adam()
`;

test('mutated texts are read or refused, never more', (t) => {
	const roll = dice(20261);
	const kinds = ['file', 'bindings', 'text'] as const;
	let refused = 0;
	for (let index = 0; index < 4000; index++) {
		const source = { name: 'fuzz', kind: kinds[index % 3]!, text: mutate(seedText, roll) };
		const { problems, statements } = parse(source, { extensions: index % 2 === 0 });
		for (const { span, message, after } of problems) {
			t.true(after <= statements.length);
			formatProblem(span, message);
		}
		refused += problems.length > 0 ? 1 : 0;
	}
	t.true(refused > 1000);
	t.deepEqual(Object.keys(Object.prototype), []);
});

test('no text takes more than linear time or deep recursion', (t) => {
	for (const [name, text] of giants(100_000)) {
		for (const kind of ['file', 'bindings'] as const) {
			const begin = process.cpuUsage();
			parse({ name, kind, text }, { extensions: true });
			// Quadratic time would be minutes; the processor's time does not grow with what else it has to do.
			const { user, system } = process.cpuUsage(begin);
			t.true(user + system < 60e6, name);
		}
	}
});
