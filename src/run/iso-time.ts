/** `2026-11-21T09:30:05.123+01:00`: local time with its offset from UTC. */
export function isoTime(date: Date = new Date()): string {
	const offset = -date.getTimezoneOffset();
	const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
	const minutes = Math.abs(offset);
	const sign = offset < 0 ? '-' : '+';
	return `${local}${sign}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

function twoDigits(value: number): string {
	return String(value).padStart(2, '0');
}
