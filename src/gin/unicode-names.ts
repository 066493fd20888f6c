/**
 * The character with a Unicode name, for `\N{NAME}`; undefined if the name is not known here.
 *
 * Known are the letters of the Latin, Greek and Cyrillic alphabets (with accents), and common signs: not all of Unicode.
 */
export function unicodeCharacter(name: string): string | undefined {
	const wanted = name.toUpperCase();
	return signs.get(wanted) ?? letter(wanted) ?? accented(wanted) ?? ideograph(wanted);
}

const letterName = /^(LATIN|GREEK|CYRILLIC) (SMALL|CAPITAL) LETTER ([A-Z ]+)$/;

function letter(name: string): string | undefined {
	const [, script, size, letterOf] = letterName.exec(name) ?? [];
	if (script === undefined) {
		return undefined;
	}
	const small = script === 'LATIN' ? latin(letterOf!) : (script === 'GREEK' ? greek : cyrillic).get(letterOf!);
	return size === 'SMALL' ? small : small?.toUpperCase();
}

function latin(name: string): string | undefined {
	return /^[A-Z]$/.test(name) ? name.toLowerCase() : otherLatin.get(name);
}

function accented(name: string): string | undefined {
	const [, base, marks] = /^(.+?) WITH (.+)$/.exec(name) ?? [];
	const start = base === undefined ? undefined : letter(base);
	if (start === undefined) {
		return undefined;
	}
	let text = start;
	for (const mark of marks!.split(' AND ')) {
		const combining = accents.get(mark);
		if (combining === undefined) {
			return undefined;
		}
		text += combining;
	}
	const composed = text.normalize('NFC');
	return [...composed].length === 1 ? composed : undefined;
}

function ideograph(name: string): string | undefined {
	const [, code] = /^CJK UNIFIED IDEOGRAPH-([0-9A-F]{4,5})$/.exec(name) ?? [];
	const character = code === undefined ? undefined : String.fromCodePoint(Number.parseInt(code, 16));
	return character !== undefined && /\p{Unified_Ideograph}/u.test(character) ? character : undefined;
}

function named(text: string, first: string): Map<string, string> {
	let code = first.codePointAt(0)!;
	return new Map(text.split(' ').map((name) => [name, String.fromCodePoint(code++)]));
}

const greek = named(
	'ALPHA BETA GAMMA DELTA EPSILON ZETA ETA THETA IOTA KAPPA LAMDA MU NU XI OMICRON PI RHO FINAL-SIGMA SIGMA TAU UPSILON PHI CHI PSI OMEGA',
	'α',
);
greek.set('FINAL SIGMA', 'ς');
greek.set('LAMBDA', 'λ');

const cyrillic = named(
	'A BE VE GHE DE IE ZHE ZE I SHORT-I KA EL EM EN O PE ER ES TE U EF HA TSE CHE SHA SHCHA HARD-SIGN YERU SOFT-SIGN E YU YA',
	'а',
);
for (const [name, character] of [...cyrillic]) {
	cyrillic.set(name.replace('-', ' '), character);
}
cyrillic.set('IO', 'ё');

const otherLatin = new Map([
	['AE', 'æ'],
	['ETH', 'ð'],
	['THORN', 'þ'],
	['SHARP S', 'ß'],
	['DOTLESS I', 'ı'],
]);

const accents = new Map([
	['GRAVE', '\u0300'],
	['ACUTE', '\u0301'],
	['TONOS', '\u0301'],
	['CIRCUMFLEX', '\u0302'],
	['TILDE', '\u0303'],
	['MACRON', '\u0304'],
	['BREVE', '\u0306'],
	['DOT ABOVE', '\u0307'],
	['DIAERESIS', '\u0308'],
	['RING ABOVE', '\u030a'],
	['DOUBLE ACUTE', '\u030b'],
	['CARON', '\u030c'],
	['CEDILLA', '\u0327'],
	['OGONEK', '\u0328'],
	['DOT BELOW', '\u0323'],
]);

const signs = new Map(
	`SPACE= |EXCLAMATION MARK=!|QUOTATION MARK="|NUMBER SIGN=#|DOLLAR SIGN=$|PERCENT SIGN=%|AMPERSAND=&|APOSTROPHE='
LEFT PARENTHESIS=(|RIGHT PARENTHESIS=)|ASTERISK=*|PLUS SIGN=+|COMMA=,|HYPHEN-MINUS=-|FULL STOP=.|SOLIDUS=/|COLON=:
SEMICOLON=;|LESS-THAN SIGN=<|GREATER-THAN SIGN=>|QUESTION MARK=?|COMMERCIAL AT=@|LEFT SQUARE BRACKET=[
REVERSE SOLIDUS=\\|RIGHT SQUARE BRACKET=]|CIRCUMFLEX ACCENT=^|LOW LINE=_|GRAVE ACCENT=\`|LEFT CURLY BRACKET={
RIGHT CURLY BRACKET=}|TILDE=~|NO-BREAK SPACE=\u00a0|INVERTED EXCLAMATION MARK=¡|CENT SIGN=¢|POUND SIGN=£|YEN SIGN=¥
SECTION SIGN=§|COPYRIGHT SIGN=©|REGISTERED SIGN=®|DEGREE SIGN=°|PLUS-MINUS SIGN=±|SUPERSCRIPT TWO=²|SUPERSCRIPT THREE=³
MICRO SIGN=µ|PILCROW SIGN=¶|MIDDLE DOT=·|SUPERSCRIPT ONE=¹|VULGAR FRACTION ONE HALF=½|VULGAR FRACTION ONE QUARTER=¼
INVERTED QUESTION MARK=¿|MULTIPLICATION SIGN=×|DIVISION SIGN=÷|LEFT-POINTING DOUBLE ANGLE QUOTATION MARK=«
RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK=»|LATIN SMALL LETTER O WITH STROKE=ø|LATIN CAPITAL LETTER O WITH STROKE=Ø
LATIN SMALL LETTER SHARP S=ß|LATIN SMALL LETTER L WITH STROKE=ł|LATIN CAPITAL LETTER L WITH STROKE=Ł|EN DASH=–|EM DASH=—
LEFT SINGLE QUOTATION MARK=‘|RIGHT SINGLE QUOTATION MARK=’|LEFT DOUBLE QUOTATION MARK=“|RIGHT DOUBLE QUOTATION MARK=”
DAGGER=†|DOUBLE DAGGER=‡|BULLET=•|HORIZONTAL ELLIPSIS=…|PER MILLE SIGN=‰|PRIME=′|DOUBLE PRIME=″|EURO SIGN=€
TRADE MARK SIGN=™|LEFTWARDS ARROW=←|UPWARDS ARROW=↑|RIGHTWARDS ARROW=→
DOWNWARDS ARROW=↓|LEFT RIGHT ARROW=↔|RIGHTWARDS DOUBLE ARROW=⇒|LEFT RIGHT DOUBLE ARROW=⇔|FOR ALL=∀|PARTIAL DIFFERENTIAL=∂
THERE EXISTS=∃|EMPTY SET=∅|INCREMENT=∆|NABLA=∇|ELEMENT OF=∈|NOT AN ELEMENT OF=∉|N-ARY PRODUCT=∏|N-ARY SUMMATION=∑
MINUS SIGN=−|SQUARE ROOT=√|INFINITY=∞|LOGICAL AND=∧|LOGICAL OR=∨|INTERSECTION=∩|UNION=∪|INTEGRAL=∫
ALMOST EQUAL TO=≈|NOT EQUAL TO=≠|IDENTICAL TO=≡|LESS-THAN OR EQUAL TO=≤|GREATER-THAN OR EQUAL TO=≥|SUBSET OF=⊂
SUPERSET OF=⊃|DOT OPERATOR=⋅|FULL BLOCK=█|BLACK SQUARE=■|WHITE SQUARE=□|BLACK CIRCLE=●|WHITE CIRCLE=○|BLACK STAR=★
WHITE STAR=☆|SNOWMAN=☃|CHECK MARK=✓|HEAVY CHECK MARK=✔|BALLOT X=✗|BLACK HEART SUIT=♥|HEAVY BLACK HEART=❤
ZERO WIDTH SPACE=\u200b|ZERO WIDTH NO-BREAK SPACE=\ufeff|REPLACEMENT CHARACTER=\ufffd|GRINNING FACE=😀|PILE OF POO=💩
SNAKE=🐍|ROCKET=🚀|FIRE=🔥|PARTY POPPER=🎉|THUMBS UP SIGN=👍|SLIGHTLY SMILING FACE=🙂|SMILING FACE WITH OPEN MOUTH=😃
NULL=\0|CHARACTER TABULATION=\t|LINE FEED=\n|CARRIAGE RETURN=\r|ESCAPE=\x1b`
		.split(/\n(?!\|)|\|/)
		.map((entry) => {
			const at = entry.indexOf('=');
			return [entry.slice(0, at), entry.slice(at + 1)] as const;
		}),
);
// The characters that divide the list above.
signs.set('EQUALS SIGN', '=').set('VERTICAL LINE', '|').set('CURRENCY SIGN', '¤').set('NOT SIGN', '¬');
