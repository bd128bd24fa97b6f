// Durations as the server reads and writes them (base/duration.cpp): falling units, each once, no blanks.
const units: [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];
const longest = 366 * 86_400_000;

export type ReadDuration = { milliseconds: number; wrong?: undefined } | { wrong: string };

export function readDuration(text: string): ReadDuration {
  const malformed = {
    wrong: `'${text}' is not a duration. Write it as 10m, 30m, 2h, 1h30m or 24h (units d h m s ms).`,
  };
  if (!/^(\d{1,10}[a-z]+)+$/.test(text)) return malformed;
  let milliseconds = 0;
  let nextUnit = 0;
  for (const [, amount, name] of text.matchAll(/(\d+)([a-z]+)/g)) {
    const unit = units.findIndex(([known], place) => place >= nextUnit && known === name);
    if (unit < 0) return malformed;
    milliseconds += Number(amount) * (units[unit] as [string, number])[1];
    nextUnit = unit + 1;
  }
  if (milliseconds === 0) return { wrong: `'${text}' is no time at all. A duration is above zero.` };
  if (milliseconds > longest) return { wrong: `'${text}' is longer than 366 days.` };
  return { milliseconds };
}

// `1h30m`; hours are the largest unit, as the server writes it.
export function writeDuration(milliseconds: number): string {
  if (milliseconds <= 0) return '0s';
  if (milliseconds < 1_000) return `${Math.max(1, Math.floor(milliseconds))}ms`;
  let rest = Math.floor(milliseconds / 1_000);
  let text = '';
  for (const [name, seconds] of [
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const amount = Math.floor(rest / seconds);
    rest -= amount * seconds;
    if (amount > 0) text += `${amount}${name}`;
  }
  return text;
}

export interface Bounds {
  least?: number; // milliseconds
  most?: number;
  wholeSeconds?: boolean;
}

// What is wrong with a duration that was typed; undefined: nothing, or nothing was typed.
export function wrongDuration(
  text: string,
  { least = 1, most = longest, wholeSeconds }: Bounds = {},
): string | undefined {
  if (text === '') return undefined;
  const read = readDuration(text);
  if (read.wrong !== undefined) return read.wrong;
  const { milliseconds } = read;
  if (milliseconds < least || milliseconds > most)
    return `Expected ${writeDuration(least)} to ${most === longest ? '366d' : writeDuration(most)}.`;
  if (wholeSeconds && milliseconds % 1_000 !== 0) return 'Expected a duration in whole seconds.';
  return undefined;
}
