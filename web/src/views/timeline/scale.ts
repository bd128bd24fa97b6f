// The axis of the timeline: which time is shown, in the reader's own zone, and where an instant stands on it. Instants are
// milliseconds.
export type Zoom = 'hour' | 'day' | 'week';

export interface Interval {
  from: number;
  to: number; // not in it any more
}

export const zooms: { value: Zoom; label: string }[] = [
  { value: 'hour', label: 'Hour' },
  { value: 'day', label: 'Day' },
  { value: 'week', label: 'Week' },
];

export function isZoom(text: string | null): text is Zoom {
  return zooms.some(({ value }) => value === text);
}

// When the hour, the day or the week began that `at` is in.
export function beginOf(zoom: Zoom, at: number): number {
  const begin = new Date(at);
  if (zoom === 'hour') return begin.setMinutes(0, 0, 0);
  begin.setHours(0, 0, 0, 0);
  if (zoom === 'week') begin.setDate(begin.getDate() - ((begin.getDay() + 6) % 7));
  return begin.getTime();
}

// So many of them later, or earlier. A day has 23 to 25 hours.
export function moved(zoom: Zoom, begin: number, by: number): number {
  const at = new Date(begin);
  if (zoom === 'hour') return begin + by * 3_600_000;
  at.setDate(at.getDate() + by * (zoom === 'week' ? 7 : 1));
  return at.getTime();
}

export function intervalOf(zoom: Zoom, at: number): Interval {
  const from = beginOf(zoom, at);
  return { from, to: moved(zoom, from, 1) };
}

export function contains({ from, to }: Interval, at: number): boolean {
  return at >= from && at < to;
}

// Where it stands on an axis of that width; what is not on it stands at its edge.
export function placeOf(at: number, { from, to }: Interval, width: number): number {
  return Math.max(0, Math.min(1, (at - from) / (to - from))) * width;
}

export interface Tick {
  at: number;
  label: string;
}

const two = (n: number) => String(n).padStart(2, '0');
const clock = (at: Date) => `${two(at.getHours())}:${two(at.getMinutes())}`;
// Put together here: how one browser joins them is not how the next one does.
const named = (at: Date, what: Intl.DateTimeFormatOptions) => at.toLocaleDateString('en-GB', what);
const month = (at: Date) => named(at, { month: 'long' });
const leastBetween = 58; // px between ticks, so that their labels stay apart

function dayLabel(at: Date, whole: boolean): string {
  const weekday = named(at, { weekday: 'short' });
  return whole ? `${weekday} ${at.getDate()} ${named(at, { month: 'short' })}` : weekday;
}

// Every so many minutes, or hours, or each day, as close as the width allows.
export function ticksOf(zoom: Zoom, interval: Interval, width: number): Tick[] {
  if (zoom === 'week') {
    return Array.from({ length: 7 }, (_, day) => moved('day', interval.from, day)).map((at) => ({
      at,
      label: dayLabel(new Date(at), width / 7 >= 80),
    }));
  }
  const minutes = zoom === 'hour' ? [5, 10, 15, 20, 30] : [60, 120, 180, 240, 360, 720];
  const whole = (interval.to - interval.from) / 60_000;
  const step = minutes.find((size) => (width * size) / whole >= leastBetween) ?? minutes.at(-1) ?? 60;
  const ticks: Tick[] = [];
  const at = new Date(interval.from);
  // By the clock on the wall: where it is set forwards a tick is missing, and none stands askew.
  for (let passed = 0; at.getTime() < interval.to; passed += step) {
    if (ticks.at(-1)?.at !== at.getTime()) ticks.push({ at: at.getTime(), label: clock(at) });
    at.setTime(interval.from);
    at.setMinutes(at.getMinutes() + passed + step);
  }
  return ticks;
}

// `Tue 24 November 2026`, `Tue 24 November 2026, 14:00 to 15:00`, `23 to 29 November 2026`.
export function nameOf(zoom: Zoom, { from, to }: Interval): string {
  const begin = new Date(from);
  if (zoom === 'week') {
    const last = new Date(moved('day', to, -1));
    const first = begin.getMonth() === last.getMonth() ? '' : ` ${month(begin)}`;
    return `${begin.getDate()}${first} to ${last.getDate()} ${month(last)} ${last.getFullYear()}`;
  }
  const day = `${named(begin, { weekday: 'short' })} ${begin.getDate()} ${month(begin)} ${begin.getFullYear()}`;
  return zoom === 'day' ? day : `${day}, ${clock(begin)} to ${clock(new Date(to))}`;
}
