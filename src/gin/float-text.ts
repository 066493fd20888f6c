/** A float as Python writes it: the shortest digits that read back the same, with `.0` or an exponent. */
export function floatText(value: number): string {
	if (Number.isNaN(value)) {
		return 'nan';
	}
	if (!Number.isFinite(value)) {
		return value < 0 ? '-inf' : 'inf';
	}
	const [, sign, digits, exponentText] = /^(-?)(.+)e([-+]\d+)$/.exec(value.toExponential())!;
	const exponent = Number(exponentText);
	const minus = sign === '-' || Object.is(value, -0) ? '-' : '';
	if (exponent < -4 || exponent >= 16) {
		return `${minus}${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
	}
	return `${minus}${plain(digits!.replace('.', ''), exponent)}`;
}

/** One part of a Python complex number: as a float, but without `.0`. */
export function partText(value: number): string {
	const text = floatText(value);
	return text.endsWith('.0') ? text.slice(0, -2) : text;
}

function plain(digits: string, exponent: number): string {
	if (exponent < 0) {
		return `0.${'0'.repeat(-exponent - 1)}${digits}`;
	}
	const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
	return `${whole}.${digits.slice(exponent + 1) || '0'}`;
}
