import test, { type ExecutionContext } from 'ava';
import { type CheckOptions, check } from '../../../src/registry/check.ts';
import { catalog, merged } from './zoo.ts';

function problems(
	text: string,
	bindings: readonly string[] = [],
	roots = ['fit'],
	options: CheckOptions = {},
): string[] {
	const known = catalog();
	return check(merged({ 'a.gin': text }, known, bindings), known, roots, options).problems.map(
		(problem) => `${problem.code} | ${problem.text}`,
	);
}

function firstLines(found: readonly string[]): string[] {
	return found.map((text) => text.split('\n')[0]!);
}

function reports(t: ExecutionContext, text: string, ...expected: string[]): void {
	t.deepEqual(firstLines(problems(text)), expected);
}

test('a sound config has no problems', (t) => {
	t.deepEqual(
		problems("fit.net = 'cnn'\ncnn.filters = (1, 2)\ncnn.dropout = 0\nadam.rate = @linear()\nlinear.to = 1\n"),
		[],
	);
});

const net = "fit.net = 'cnn'\n";

test(
	'unknown component, with the nearest',
	reports,
	`${net}cn.dropout = 1\n`,
	'config.unknown_component | a.gin:2:1: there is no component named "cn". Did you mean "cnn"?',
);
test(
	'unknown parameter',
	reports,
	`${net}cnn.dropuot = 0.1\n`,
	'config.unknown_parameter | a.gin:2:5: cnn has no parameter "dropuot". Did you mean "dropout"? It has: filters, dropout, activation, bias, inner.',
);
test(
	'unknown macro',
	reports,
	`${net}dr = 0.5\ncnn.dropout = %drr\nfit.tools = []\ncnn.inner = @mlp()\nmlp.units = 3\n`,
	'config.unused_macro | a.gin:2:1: the macro dr is never used: nothing says %dr',
	'config.unknown_macro | a.gin:3:15: %drr is not defined. Did you mean "dr"?',
);
test(
	'a string is no integer',
	reports,
	`${net}fit.n_epochs = "5"\n`,
	'config.wrong_type | a.gin:2:16: fit.n_epochs expects integer ≥ 0, got string "5"',
);
test(
	'a number from the environment needs a fallback that is one',
	reports,
	`${net}fit.n_epochs = env('FIVE')\n`,
	`config.wrong_type | a.gin:2:16: fit.n_epochs expects integer ≥ 0, got string "5": env() gives text, unless its fallback is of another type, as in env('FIVE', 1) for a number`,
);
test(
	'a float is no integer',
	reports,
	`${net}fit.n_epochs = 5.0\n`,
	'config.wrong_type | a.gin:2:16: fit.n_epochs expects integer ≥ 0, got float 5.0',
);
test(
	'a truth value is no number',
	reports,
	`${net}cnn.dropout = True\n`,
	'config.wrong_type | a.gin:2:15: cnn.dropout expects number ≥ 0 and < 1, got True',
);
test(
	'None only where it is allowed',
	reports,
	`${net}fit.name = None\ncnn.dropout = None\n`,
	'config.wrong_type | a.gin:3:15: cnn.dropout expects number ≥ 0 and < 1, got None',
);
test(
	'range',
	reports,
	`${net}cnn.dropout = 1.5\n`,
	'config.out_of_range | a.gin:2:15: cnn.dropout expects number ≥ 0 and < 1, got 1.5',
);
test(
	'an item of a list',
	reports,
	`${net}cnn.filters = [1, 'x', 0]\n`,
	'config.wrong_type | a.gin:2:19: cnn.filters[1] expects integer ≥ 1, got string "x"',
	'config.out_of_range | a.gin:2:24: cnn.filters[2] expects integer ≥ 1, got 0',
);
test(
	'a list too short',
	reports,
	`${net}cnn.filters = []\n`,
	'config.wrong_length | a.gin:2:15: cnn.filters expects list of integer ≥ 1 (at least 1 item), got 0 items',
);
test(
	'a choice',
	reports,
	`${net}cnn.activation = 'rellu'\n`,
	'config.unknown_choice | a.gin:2:18: cnn.activation expects one of "relu", "tanh", "gelu", got string "rellu". Did you mean "relu"?',
);
test(
	'a component of another kind',
	reports,
	`${net}fit.tool = @mlp()\n`,
	'config.wrong_kind | a.gin:2:12: fit.tool expects a tool (adam, stopper), got the net "mlp"',
);
test(
	'a component of another kind by name',
	reports,
	`${net}fit.tool = 'mlp'\n`,
	'config.wrong_kind | a.gin:2:12: fit.tool expects a tool (adam, stopper), got the net "mlp"',
);
test(
	'an unknown component as a value hides no other problem',
	reports,
	"fit.net = 'cmn'\ncnn.dropout = 2\n",
	'config.unknown_component | a.gin:1:11: fit.net: there is no net named "cmn". Did you mean "cnn"?',
	'config.out_of_range | a.gin:2:15: cnn.dropout expects number ≥ 0 and < 1, got 2',
);
test(
	'an uncalled reference where an instance belongs, and the reverse',
	reports,
	'fit.net = @cnn\nfit.maker = @cnn()\n',
	'config.wrong_call | a.gin:1:11: fit.net expects a net, got the uncalled @cnn: write @cnn()',
	'config.wrong_call | a.gin:2:13: fit.maker expects a net to be called (@name): write @cnn, without ()',
);
test(
	'missing values of everything reachable',
	reports,
	"fit.tools = ['stopper']\n",
	'config.missing_value | a.gin:1:14: stopper.patience has no value: it needs integer ≥ 1, as in "stopper.patience = …"',
	'config.missing_value | a.gin: fit.net has no value: it needs a net (cnn, mlp), as in "fit.net = …"',
);
test(
	'REQUIRED is as good as unbound',
	reports,
	'fit.net = %gin.REQUIRED\n',
	'config.missing_value | a.gin:1:1: fit.net has no value: it needs a net (cnn, mlp), as in "fit.net = …"',
);
test(
	'a component that nothing builds',
	reports,
	`${net}mlp.units = 3\n`,
	'config.unused_binding | a.gin:2:1: mlp.units has no effect: nothing that fit needs uses the net "mlp"',
);
test(
	'a scope that nothing enters',
	reports,
	`${net}deep/cnn.dropout = 0.5\n`,
	'config.unreachable_scope | a.gin:2:1: deep/cnn.dropout has no effect: "cnn" is never built in the scope "deep", only in no scope',
);
test(
	'a value that always loses',
	reports,
	'fit.net = @a/cnn()\na/cnn.dropout = 0.5\ncnn.dropout = 0.1\ncnn.bias = False\n',
	'config.shadowed | a.gin:3:1: cnn.dropout has no effect: a/cnn.dropout (a.gin:2) wins wherever "cnn" is built',
);
test(
	'references in a circle',
	reports,
	`${net}cnn.inner = @cnn()\n`,
	'config.reference_cycle | a.gin:2:13: references lead back to themselves: @cnn -> @cnn',
);
test(
	'macros in a circle',
	reports,
	`${net}a = %b\nb = %a\ncnn.dropout = %a\n`,
	'config.macro_cycle | a.gin:2:1: macros lead back to themselves: %a -> %b -> %a',
);
test(
	'macros in a circle that nothing uses',
	reports,
	`${net}a = %b\nb = [%a, @cnn]\n`,
	'config.macro_cycle | a.gin:2:1: macros lead back to themselves: %a -> %b -> %a',
	'config.unused_macro | a.gin:2:1: the macro a is never used: nothing says %a',
	'config.unused_macro | a.gin:3:1: the macro b is never used: nothing says %b',
);
test(
	'a macro of the wrong type is reported where it is used',
	reports,
	`${net}m = 'x'\ncnn.dropout = %m\n`,
	'config.wrong_type | a.gin:3:15: cnn.dropout expects number ≥ 0 and < 1, got string "x" (through %m)',
);
test(
	'a union names all it takes',
	reports,
	`${net}adam.rate = 'x'\n`,
	'config.wrong_type | a.gin:2:13: adam.rate expects number > 0 or a ramp, got string "x"',
);
test(
	'tuples and dicts',
	reports,
	`${net}adam.betas = (1,)\nadam.extra = {'a': 1.5}\n`,
	'config.wrong_length | a.gin:2:14: adam.betas expects (number, number), got 1 item',
	'config.wrong_type | a.gin:3:20: adam.extra["a"] expects integer, got float 1.5',
);

test('the source line, a caret under the value, and the -b line', (t) => {
	t.deepEqual(problems(net, ["fit.n_epochs = 'x'"]), [
		'config.wrong_type | -b 1, binding 1, column 16: fit.n_epochs expects integer ≥ 0, got string "x"\n    fit.n_epochs = \'x\'\n                   ^^^',
	]);
});

test('a later line that overrides is no problem', (t) => {
	t.deepEqual(problems(`${net}fit.n_epochs = 3\n`, ['fit.n_epochs = 4']), []);
});

test('scoped roots use scoped bindings', (t) => {
	const text = `${net}expert/fit.n_epochs = 3\nexpert/cnn.bias = False\n`;
	t.deepEqual(problems(text, [], ['fit', 'expert/fit']), []);
	t.is(problems(text).length, 2);
});

test('allowUnused leaves only real mistakes', (t) => {
	t.deepEqual(problems(`${net}mlp.units = 3\nx = 4\n`, [], ['fit'], { allowUnused: true }), []);
});

test('an alias is accepted with a notice', (t) => {
	const known = catalog();
	const result = check(merged({ 'a.gin': `${net}fit.epochs = 3\n` }, known), known, ['fit']);
	t.deepEqual(result.problems, []);
	t.deepEqual(result.notices, ['a.gin:2:1: fit.epochs is another name of fit.n_epochs.']);
});

test('a singleton is built from its constructor', (t) => {
	t.deepEqual(problems('fit.net = @one/gin.singleton()\none/gin.singleton.constructor = @cnn\n'), []);
	t.deepEqual(firstLines(problems('fit.net = @one/gin.singleton()\n')), [
		'config.singleton | a.gin:1:11: @one/gin.singleton() has no constructor: bind one/gin.singleton.constructor = @…',
	]);
	t.deepEqual(firstLines(problems('fit.net = @one/gin.singleton()\none/gin.singleton.constructor = @adam\n')), [
		'config.wrong_kind | a.gin:1:11: fit.net expects a net (cnn, mlp), got the tool "adam"',
	]);
});

test('an unknown root is an error of its own', (t) => {
	t.throws(() => problems(net, [], ['fits']), { message: /Did you mean "fit"/u });
});

test('what is nested without end is refused in reasonable time', (t) => {
	const codes = (text: string) => new Set(problems(text).map((problem) => problem.split(' | ')[0]));
	const many = Array.from({ length: 5000 }, (_, index) => index);
	t.true(codes(`fit.net = @${'a/'.repeat(100_000)}cnn()\n`).has('config.scope_depth'));
	t.true(codes(`${net}${'a/'.repeat(100_000)}cnn.bias = True\n`).has('config.scope_depth'));
	t.true(
		codes(`${net}${many.map((n) => `m${n} = %m${n + 1}`).join('\n')}\ncnn.dropout = %m0\n`).has('config.macro_depth'),
	);
	t.true(
		codes(`fit.net = @s0/cnn()\n${many.map((n) => `s${n}/cnn.inner = @s${n + 1}/cnn()`).join('\n')}\n`).has(
			'config.reference_depth',
		),
	);
});

test(
	'an unknown header of a block is reported once, at the header',
	reports,
	`${net}s/t/adm:\n  rate = 1\n  # a comment\n  extra = {}\n\nadm:\n  extra = 2\nadm.rate = 3\n`,
	'config.unknown_component | a.gin:2:5: there is no component named "adm". Did you mean "adam"?',
	'config.unknown_component | a.gin:7:1: there is no component named "adm". Did you mean "adam"?',
	'config.unknown_component | a.gin:9:1: there is no component named "adm". Did you mean "adam"?',
);
test(
	'where a component of the wrong kind stands, nothing is said of those that may have been meant',
	reports,
	'fit.net = @adam()\ncnn.dropout = 0.5\nmlp.units = 3\nstopper.patience = 3\n',
	'config.wrong_kind | a.gin:1:11: fit.net expects a net (cnn, mlp), got the tool "adam"',
	'config.unused_binding | a.gin:4:1: stopper.patience has no effect: nothing that fit needs uses the tool "stopper"',
);
test(
	'where a macro is missing, nothing is said of the components it may have named',
	reports,
	'fit.net = %which\ncnn.dropout = 0.5\n',
	'config.unknown_macro | a.gin:1:11: %which is not defined.',
);
test(
	'names in a line that cannot be read are not unused',
	reports,
	`${net}wide = 3\ndeep = 4\ncnn.filters = [%wide, (]\nfit.tools = [@stopper() %deep]\nstopper.patience = 3\nother = 5\n`,
	'config.unused_macro | a.gin:3:1: the macro deep is never used: nothing says %deep',
	'config.syntax.value | a.gin:4:24: a value is expected, not "]"',
	'config.syntax.expected_comma_or_close | a.gin:5:25: "," or "]" is expected, not "%"',
	'config.unused_macro | a.gin:7:1: the macro other is never used: nothing says %other',
);

test('problems of -b lines come in the order of the command line', (t) => {
	const bindings = ['cnn.dropout = 0.1 # adam.x = 1', 'adam.y = 1'];
	for (let count = 3; count <= 11; count++) {
		bindings.push(`adam.z${count} = 1`);
	}
	const places = problems(net, bindings).map((text) => /\| (-b \d+)/.exec(text)![1]);
	t.deepEqual(places, ['-b 1', '-b 2', '-b 3', '-b 4', '-b 5', '-b 6', '-b 7', '-b 8', '-b 9', '-b 10', '-b 11']);
});

test('a block of many lines with an unknown header costs no more than its length', (t) => {
	const lines = Array.from({ length: 20_000 }, (_, index) => `  p${index} = 1`);
	t.is(problems(`${net}ghost:\n${lines.join('\n')}\n`).length, 1);
});

test(
	'a variable that is not set is one problem, whatever it stood for',
	reports,
	`${net}cnn.dropout = env('GIMLET_TEST_UNSET')\ncnn.filters = [env('GIMLET_TEST_UNSET')]\n`,
	'config.env_unset | a.gin:2:15: the variable GIMLET_TEST_UNSET is not set, and no fallback is given',
	'config.env_unset | a.gin:3:16: the variable GIMLET_TEST_UNSET is not set, and no fallback is given',
);

test(
	'where a component is missing, nothing is said of those that may be meant',
	reports,
	'cnn.dropout = 0.5\nstopper.patience = 3\n',
	'config.unused_binding | a.gin:2:1: stopper.patience has no effect: nothing that fit needs uses the tool "stopper"',
	'config.missing_value | a.gin: fit.net has no value: it needs a net (cnn, mlp), as in "fit.net = …"',
);

test(
	'the same key twice in one file, and what adds nothing',
	reports,
	`${net}cnn.bias = False\nfit.n_epochs = 3\ncnn:\n  bias = True\nfit.epochs = 4\nfit.tools |= []\nadam.extra = {'a': 1, 'a': 2}\n`,
	'config.duplicate_binding | a.gin:2:1: cnn.bias has no effect: line 5 of this file binds it again',
	'config.duplicate_binding | a.gin:3:1: fit.n_epochs has no effect: line 6 of this file binds it again',
	'config.empty_join | a.gin:7:1: this adds nothing to fit.tools',
	'config.duplicate_key | a.gin:8:20: this has no effect: a later entry of the dict has the same key',
);

test('what is bound twice is a notice where unused lines are allowed', (t) => {
	const known = catalog();
	const text = `${net}cnn.bias = False\ncnn.bias = True\nfit.tools |= []\n`;
	const result = check(merged({ 'a.gin': text }, known), known, ['fit'], { allowUnused: true });
	t.deepEqual(result.problems, []);
	t.deepEqual(result.notices, [
		'a.gin:2:1: cnn.bias has no effect: line 3 of this file binds it again.',
		'a.gin:4:1: this adds nothing to fit.tools.',
	]);
});

test(
	'a macro that is called like a parameter',
	reports,
	`${net}n_epohcs = 3\na/dropuot = 0.5\nother = 1\n`,
	'config.unused_macro | a.gin:2:1: the macro n_epohcs is never used: nothing says %n_epohcs. Did you mean "fit.n_epochs"?',
	'config.unused_macro | a.gin:3:1: the macro a/dropuot is never used: nothing says %a/dropuot. Did you mean "a/cnn.dropout"?',
	'config.unused_macro | a.gin:4:1: the macro other is never used: nothing says %other',
);

test(
	'a scoped macro of which only the outer one is bound, and the default of all macros',
	reports,
	`${net}a = 0.5\ncnn.dropout = %a/b\nmacro.value = 3\n`,
	'config.unknown_macro | a.gin:3:15: %a/b is not defined; only %a is.',
	'config.unused_macro | a.gin:4:1: the default of all macros is never used: every macro that is used has a value of its own',
);

test(
	'names in the keys of dicts are checked',
	reports,
	`${net}adam.extra = {@none(): 1, %nothing: 2, %key: 3}\nkey = 'three'\n`,
	'config.unknown_component | a.gin:2:15: adam.extra: there is no component named "none". Known: adam, cnn, cosine, fit, mlp, ramp.linear, stopper.',
	'config.unknown_macro | a.gin:2:27: %nothing is not defined.',
);

test(
	'what must be given, with the line that says so',
	reports,
	"fit.net = @cnn()\nLR = %gin.REQUIRED\nadam.rate = %LR\ncnn.filters = [1, %REQUIRED]\nadam.extra = {'a': %gin.REQUIRED}\n",
	'config.missing_value | a.gin:2:1: LR must be given: adam.rate needs it',
	'config.missing_value | a.gin:4:19: cnn.filters[1] must be given',
	'config.missing_value | a.gin:5:20: adam.extra["a"] must be given',
);

test('nested macros of many uses are checked in no time, with what is wrong in them', (t) => {
	const macros = Array.from({ length: 22 }, (_, n) => `m${n + 1} = [%m${n}, %m${n}]`).join('\n');
	const begin = performance.now();
	const found = firstLines(problems(`${net}m0 = @none()\n${macros}\nfit.tools = %m22\nadam.extra = {'a': %m22}\n`));
	t.true(performance.now() - begin < 2000);
	t.deepEqual(found, [
		'config.unknown_component | a.gin:2:6: macro m0: there is no component named "none". Known: adam, cnn, cosine, fit, mlp, ramp.linear, stopper.',
		'config.wrong_type | a.gin:25:13: fit.tools[0] expects a tool, got list of 2 (through %m22 -> %m21)',
		'config.wrong_type | a.gin:25:13: fit.tools[1] expects a tool, got list of 2 (through %m22 -> %m21)',
		'config.wrong_type | a.gin:26:20: adam.extra["a"] expects integer, got list of 2 (through %m22)',
	]);
});
