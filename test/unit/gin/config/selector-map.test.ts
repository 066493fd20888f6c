import test from 'ava';
import { SelectorMap } from '../../../../src/gin/config/selector-map.ts';

test('what is found follows every change', (t) => {
	const map = new SelectorMap<number>();
	t.deepEqual(map.matching('net'), []);
	map.set('a.net', 1);
	t.deepEqual(map.matching('net'), ['a.net']);
	map.set('b.net', 2);
	t.deepEqual([...map.matching('net')].sort(), ['a.net', 'b.net']);
	map.pop('a.net');
	t.deepEqual(map.matching('net'), ['b.net']);
	t.is(map.match('net'), 2);
	map.clear();
	t.deepEqual(map.matching('net'), []);
});
