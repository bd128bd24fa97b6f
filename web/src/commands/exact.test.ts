import { describe, expect, it } from 'vitest';
import { exact, exactLines, exactText } from './exact';

describe('exact', () => {
  it('leaves what is seen as it is, line ends and tabs included', () =>
    expect(exact("UPDATE t\n\tSET a = 'ä', b = '日本'")).toEqual([
      { text: "UPDATE t\n\tSET a = 'ä', b = '日本'", hidden: false },
    ]));
  it('writes out what turns the direction round', () =>
    expect(exact('a\u202eb')).toEqual([
      { text: 'a', hidden: false },
      { text: 'U+202E', hidden: true },
      { text: 'b', hidden: false },
    ]));
  it.each([
    ['a NUL', '\u0000', 'U+0000'],
    ['an escape', '\u001b', 'U+001B'],
    ['a backspace', '\b', 'U+0008'],
    ['DEL', '\u007f', 'U+007F'],
    ['a C1 control', '\u009b', 'U+009B'],
    ['a space that is none', '\u00a0', 'U+00A0'],
    ['a soft hyphen', '\u00ad', 'U+00AD'],
    ['a zero width space', '\u200b', 'U+200B'],
    ['a joiner', '\u200d', 'U+200D'],
    ['a mark of direction', '\u061c', 'U+061C'],
    ['an isolate', '\u2066', 'U+2066'],
    ['a line separator', '\u2028', 'U+2028'],
    ['a filler', '\u3164', 'U+3164'],
    ['a byte order mark', '\ufeff', 'U+FEFF'],
    ['a variation selector', '\ufe0f', 'U+FE0F'],
    ['a tag', '\u{e0041}', 'U+E0041'],
  ])('writes out %s', (_, character, as) =>
    expect(exact(`x${character}y`).filter(({ hidden }) => hidden)).toEqual([{ text: as, hidden: true }]),
  );
  it('breaks the line behind a carriage return, as PostgreSQL ends a comment by it', () =>
    expect(exact('-- harmless\rDROP TABLE t').map(({ text }) => text)).toEqual([
      '-- harmless',
      'U+000D',
      '\nDROP TABLE t',
    ]));
  it('takes a carriage return and a line feed for one end', () =>
    expect(exact('a\r\nb')).toEqual([{ text: 'a\nb', hidden: false }]));
  it('counts blanks that push what follows out of sight', () =>
    expect(exact(`SELECT 1;${' '.repeat(500)}DROP TABLE t`).map(({ text }) => text)).toEqual([
      'SELECT 1;',
      '500 blanks',
      'DROP TABLE t',
    ]));
  it('leaves blanks that hide nothing', () => {
    expect(exact(`a${' '.repeat(500)}\nb${' '.repeat(60)}c`)).toHaveLength(1);
  });
  it('has nothing to say of nothing', () => expect(exact('')).toEqual([]));
});

describe('exactLines', () => {
  const texts = (text: string) => exactLines(text).map((line) => line.map((piece) => piece.text));
  it('has a line of its own for every line, empty ones included', () =>
    expect(texts('SELECT 1;\r\n\n  SELECT 2')).toEqual([['SELECT 1;'], [], ['  SELECT 2']]));
  it('begins one behind a carriage return that stands alone', () =>
    expect(texts('-- harmless\rDROP TABLE t')).toEqual([['-- harmless', 'U+000D'], ['DROP TABLE t']]));
  it('keeps what is written out apart', () =>
    expect(exactLines('a\u202eb\nc')).toEqual([
      [
        { text: 'a', hidden: false },
        { text: 'U+202E', hidden: true },
        { text: 'b', hidden: false },
      ],
      [{ text: 'c', hidden: false }],
    ]));
  it('has one line of nothing', () => expect(exactLines('')).toEqual([[]]));
});

describe('exactText', () => {
  it('sets them off by brackets', () => expect(exactText('a\u202eb\u0000')).toBe('a[U+202E]b[U+0000]'));
});
