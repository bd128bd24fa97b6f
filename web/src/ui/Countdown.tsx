import { sayCountdown, sayDuration } from '../duration';
import { localTime } from './instants';
import { useNow } from './now';

// What is left until `until`, counting by the server's clock. Screen readers are not told each second: role timer is
// silent, and its name says when it ends.
export function Countdown({ until, over = 'over' }: { until: string; over?: string }) {
  const now = useNow();
  const left = Date.parse(until) - now;
  if (left <= 0) return <span class="countdown countdown-over">{over}</span>;
  return (
    <span
      class="countdown"
      role="timer"
      aria-label={`until ${localTime(until, now)}`}
      title={`ends ${localTime(until, now)}`}
    >
      {sayCountdown(left)}
    </span>
  );
}

// How much of `from`…`until` is left, as a bar. Its words are beside it (Countdown): to a screen reader it is nothing new.
export function CountdownBar({ from, until }: { from: string; until: string }) {
  const now = useNow();
  const whole = Date.parse(until) - Date.parse(from);
  const left = Date.parse(until) - now;
  const share = whole > 0 ? Math.max(0, Math.min(1, left / whole)) : 0;
  const tone = left < 60_000 ? 'bad' : left < 300_000 ? 'warn' : 'ok';
  return (
    <svg
      class={`countdown-bar countdown-bar-${tone}`}
      viewBox="0 0 100 4"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect class="countdown-bar-whole" x="0" y="0" width="100" height="4" />
      <rect class="countdown-bar-left" x="0" y="0" width={(share * 100).toFixed(2)} height="4" />
    </svg>
  );
}

// `5 min ago`, to the minute.
export function Ago({ at }: { at: string }) {
  const now = useNow();
  const passed = now - Date.parse(at);
  return <>{passed < 60_000 ? 'just now' : `${sayDuration(Math.floor(passed / 60_000) * 60_000)} ago`}</>;
}
