import test from 'ava';
import { isNameStart, skipWord } from '../../../src/gin/characters.ts';

test('what may begin a name is a word character, so that a name is never empty', (t) => {
	const empty: string[] = [];
	for (let code = 0; code <= 0x10ffff; code++) {
		if ((code < 0xd800 || code > 0xdfff) && isNameStart(code) && skipWord(String.fromCodePoint(code), 0) === 0) {
			empty.push(code.toString(16));
		}
	}
	t.deepEqual(empty, []);
});
