import test from 'ava';
import { judgeReal } from './realworld/judge.ts';
import { standIns } from './realworld/stand-ins.ts';

// As files of Python projects look: modules, CamelCase, what must be given, a minus that gin drops.
const real = `
from __gin__ import dynamic_registration
import lab.models
from lab import utils as lab_utils

include 'base.gin'

TRAIN_STEPS = %gin.REQUIRED
SHAPE = (1, 2)

lab_utils.Trainer.total_steps = %TRAIN_STEPS
# A comment that stays.
models.Encoder:
  num_layers = 12
  shape = %SHAPE
  init = @initializers.Normal()
eval/lab_utils.Trainer.model = @eval/Encoder
infer/Trainer.gain = -%GAIN
Trainer.names = {'a': ['x', 'y'], 3: b'z'}
`;

test('a file of a Python project checks with components of its names, keeps its meaning, and is ported', async (t) => {
	t.deepEqual(standIns(real).names(), ['initializers.Normal', 'lab_utils.Trainer', 'models.Encoder']);
	const { check, meaning, port, misfits } = await judgeReal(real.replace('-%GAIN', '%GAIN'));
	t.deepEqual({ check, meaning, port }, { check: [], meaning: [], port: [] });
	t.is(misfits, 4);
});

test('what means the same is rewritten where a file is ported', async (t) => {
	const { check, port } = await judgeReal(real);
	t.regex(check.join(), /"-" may stand before a number only/u);
	t.deepEqual(port, []);
});
