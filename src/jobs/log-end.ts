import { placeBelow } from '../files/inside.ts';
import { readAt, withFile } from '../files/reading.ts';

/** The last bytes of a log as text; nothing where there is no log. */
export function endOf(path: string, bytes: number): string {
	try {
		const text = withFile(...placeBelow(path), (file, size) => {
			const length = Math.min(bytes, size);
			return readAt(file, size - length, length).toString('utf8');
		});
		return text ?? '';
	} catch {
		// What is no regular file says nothing; whoever asks for the log itself is told.
		return '';
	}
}
