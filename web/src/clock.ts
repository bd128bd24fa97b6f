// What time it is on the server: people's own clocks may be wrong by more than a grant is long.
let offset = 0; // milliseconds that the server is ahead
let known = false;

// `date` is the Date header of an answer that has just come. It has whole seconds, so small differences are nothing.
export function noteServerTime(date: string | null, now: number = Date.now()): void {
  const server = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(server)) return;
  const seen = server + 500 - now;
  if (!known || Math.abs(seen - offset) > 1500) offset = Math.abs(seen) > 1500 ? seen : 0;
  known = true;
}

export function serverNow(): number {
  return Date.now() + offset;
}
