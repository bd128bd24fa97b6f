// Text as it is, for those who decide by it: what is not seen, or moves what is seen, is written out.

export interface Piece {
  text: string;
  hidden: boolean; // `text` stands for a character that would not be seen
}

// By code point, both ends included. U+000A and the tab are seen as what they are.
const unseen: [number, number][] = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0xa0], // DEL, C1, and the space that is none to PostgreSQL
  [0xad, 0xad], // soft hyphen
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x1680, 0x1680],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x2000, 0x200f], // spaces, joiners and marks of direction
  [0x2028, 0x202f], // line ends that are none to PostgreSQL, and embeddings
  [0x205f, 0x206f], // isolates among them
  [0x2800, 0x2800],
  [0x3000, 0x3000],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f], // variation selectors
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff], // tags
];

function isUnseen(code: number): boolean {
  return unseen.some(([first, last]) => code >= first && code <= last);
}

const written = (code: number): string => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;

// So many blanks in a row push what follows them out of sight.
const mostBlanks = 60;
const longBlank = new RegExp(`[ \\t]{${mostBlanks + 1},}(?=[^ \\t\\r\\n])`, 'g');

function withBlanksCounted(plain: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of plain.matchAll(longBlank)) {
    if (found.index > from) pieces.push({ text: plain.slice(from, found.index), hidden: false });
    pieces.push({ text: `${found[0].length} blanks`, hidden: true });
    from = found.index + found[0].length;
  }
  if (from < plain.length) pieces.push({ text: plain.slice(from), hidden: false });
  return pieces;
}

// The pieces of a text. A carriage return that ends no line of its own ends one to PostgreSQL, a comment above all:
// behind it the line is broken here too.
export function exact(text: string): Piece[] {
  const pieces: Piece[] = [];
  let plain = '';
  const flush = () => {
    pieces.push(...withBlanksCounted(plain));
    plain = '';
  };
  const characters = Array.from(text);
  characters.forEach((character, i) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\r' && characters[i + 1] === '\n') return; // how others end a line
    if (!isUnseen(code)) {
      plain += character;
      return;
    }
    flush();
    pieces.push({ text: written(code), hidden: true });
    if (character === '\r') plain = '\n';
  });
  flush();
  return pieces;
}

// The same line by line.
export function exactLines(text: string): Piece[][] {
  const lines: Piece[][] = [[]];
  for (const piece of exact(text)) {
    piece.text.split('\n').forEach((part, i) => {
      if (i > 0) lines.push([]);
      if (part) lines.at(-1)!.push({ text: part, hidden: piece.hidden });
    });
  }
  return lines;
}

// The same in a line of text, where nothing can be set apart.
export function exactText(text: string): string {
  return exact(text)
    .map((piece) => (piece.hidden ? `[${piece.text}]` : piece.text))
    .join('');
}
