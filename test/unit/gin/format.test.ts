import test from 'ava';
import fc from 'fast-check';
import type { Source } from '../../../src/gin/ast.ts';
import { format } from '../../../src/gin/format.ts';
import { parse } from '../../../src/gin/parser.ts';

const source = (text: string): Source => ({ name: 'x.gin', kind: 'file', text });

test('a messy text becomes a tidy one', (t) => {
	const messy = `

# head


x=1# c
net :
    # first
  w=[1,2,
  3 ,# three
  ]
      # odd
  d = {'a':1,'b' : @ s/f ( ),
   # in

   'c':[
     - 1,%m],
   }
  # still inside
# outside
y = \\
   5
import a.b   as c
  from q import r
q/r.s |= {'a':env('X' , 1)}


\t
`;
	t.is(
		format(source(messy)).text,
		`# head


x = 1  # c
net:
  # first
  w = [1, 2,
       3,  # three
      ]
  # odd
  d = {'a': 1, 'b': @s/f(),
       # in

       'c': [
           -1, %m],
      }
  # still inside
# outside
y = 5
import a.b as c
from q import r
q/r.s |= {'a': env('X', 1)}
`,
	);
});

test('a text with mistakes stays as it is', (t) => {
	const { text, problems } = format(source('a  =  )\n'));
	t.is(text, 'a  =  )\n');
	t.is(problems.length, 1);
});

test('a value too long for the line of its key stays below it', (t) => {
	const long = `a.b = \\\n    '${'x'.repeat(80)}'\n`;
	t.is(format(source(long)).text, long);
});

const piece = fc.constantFrom(
	...['a = 1\n', '  b=  2 # c\n', 'net :\n   w= 1\n   h =[1,\n2 , # x\n\n 3]\n', 'net:\n # c\n w = 2\n   # d\n# e\n'],
	...['\n', '\n\n\n\n', '# top\n', '   # deep\n', 'import a . b\n'.replace(' . ', '.'), "include  'x'\n", 'c.d|={}\n'],
	...[
		"s = '''a\n  b'''  'c'\n",
		'x = \\\n  5\n',
		'y = ( # p\n 1 ,)\n',
		"z = 'a' \\\n 'b'\n",
		'r = [@ f (\n), @s/g, - 1,\n%m]\n',
	],
	...["k = {'a' : {\n'b':[ ] },}\n", 'unset  a.b\n', "use m=env( 'X' )\n", 'a = 1\r\n', 'from a  import b   as c\n'],
);

/** Everything a text says, without places. */
function meaning(text: string): string {
	const { statements, problems, comments } = parse(source(text), { extensions: true });
	const data = { statements, problems, comments: comments.map((comment) => comment.text.trimEnd()) };
	return JSON.stringify(data, (key, value) => (key === 'span' || key === 'key' ? undefined : value));
}

test('formatting changes neither meaning nor comments, and only once', (t) => {
	fc.assert(
		fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
			const text = pieces.join('');
			fc.pre(parse(source(text), { extensions: true }).problems.length === 0);
			const once = format(source(text)).text;
			t.is(meaning(once), meaning(text));
			t.is(format(source(once)).text, once);
		}),
		{ numRuns: 500 },
	);
	t.pass();
});
