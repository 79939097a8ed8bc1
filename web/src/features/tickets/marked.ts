export type Piece = { text: string; marked: boolean; at: number };

const LETTERS: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#96;': '`',
};

/** A highlight of the search as text, with its marked words. Whatever else looks like HTML stays text. */
export function pieces(html: string): Piece[] {
  let at = 0;
  return html.split(/(<mark>.*?<\/mark>)/s).flatMap((part) => {
    const marked = part.startsWith('<mark>');
    const inside = marked ? part.slice(6, -7) : part;
    const text = inside.replace(/&(?:amp|lt|gt|quot|#39|#96);/g, (entity) => LETTERS[entity] ?? '');
    at += part.length;
    return text ? [{ text, marked, at }] : [];
  });
}
