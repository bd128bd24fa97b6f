// Durations as the API writes them (`1d2h`, `90m`), and as people read them.
const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
type Unit = keyof typeof units;

// Milliseconds; null: this is no duration. Blanks and capitals are forgiven.
export function parseDuration(text: string): number | null {
  const given = text.replace(/\s+/g, '').toLowerCase();
  if (!/^(\d+(d|h|ms|m|s))+$/.test(given)) return null;
  let total = 0;
  const seen = new Set<string>();
  for (const [, amount, unit] of given.matchAll(/(\d+)(ms|d|h|m|s)/g)) {
    if (seen.has(unit as string)) return null;
    seen.add(unit as string);
    total += Number(amount) * units[unit as Unit];
  }
  return total > 0 ? total : null;
}

// `1h30m`, as the API takes it.
export function formatDuration(milliseconds: number): string {
  let rest = Math.max(0, Math.round(milliseconds));
  let text = '';
  for (const [unit, size] of Object.entries(units)) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text || '0s';
}

// `1 h 30 min`: for people, at most two units.
export function sayDuration(duration: string | number): string {
  const milliseconds = typeof duration === 'number' ? duration : parseDuration(duration);
  if (milliseconds === null) return String(duration);
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

// `1:04:09` or `4:09`: what is left, for a countdown; over a day `2 d 3 h`.
export function sayCountdown(milliseconds: number): string {
  if (milliseconds <= 0) return '0:00';
  if (milliseconds >= units.d) return sayDuration(milliseconds);
  const seconds = Math.ceil(milliseconds / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

const usual = ['10m', '30m', '1h', '2h', '8h', '24h'];

// What is offered to choose from: the usual ones within `maximum`, and `maximum` and `preset` themselves.
export function offeredDurations(maximum: string | null, preset: string | null = null): string[] {
  const most = maximum === null ? null : parseDuration(maximum);
  const offered = new Map<number, string>();
  for (const text of [...usual, ...(maximum ? [maximum] : []), ...(preset ? [preset] : [])]) {
    const length = parseDuration(text);
    if (length === null || (most !== null && length > most) || offered.has(length)) continue;
    offered.set(length, text);
  }
  return [...offered].sort(([a], [b]) => a - b).map(([, text]) => text);
}
