// Instants as people read them: in their own zone, as short as what it is told from allows.
const day = (at: Date) => `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`;

// `14:05` today, `Tue 24 Nov, 14:05` this year, else with the year.
export function localTime(iso: string, now: number = Date.now(), seconds = false): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const clock: Intl.DateTimeFormatOptions = {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(seconds ? { second: '2-digit' } : {}),
  };
  const today = new Date(now);
  if (day(at) === day(today)) return at.toLocaleTimeString('en-GB', clock);
  return at.toLocaleString('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(at.getFullYear() === today.getFullYear() ? {} : { year: 'numeric' }),
    ...clock,
  });
}

// `2026-11-24 14:05:00 UTC`.
export function utcTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

// What <input type="datetime-local"> means here and now, as the API takes it; null: it is empty or no time.
export function fromLocalInput(text: string): string | null {
  if (text === '') return null;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

// The other way round, to the minute.
export function toLocalInput(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
