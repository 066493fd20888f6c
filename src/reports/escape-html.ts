import { visible } from '../core/visible.ts';

/** Text as HTML shows it, also inside an attribute; what a page would hide or obey can be seen. */
export function escapeHtml(text: string): string {
	return visible(text)
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;')
		.replaceAll("'", '&#39;');
}
