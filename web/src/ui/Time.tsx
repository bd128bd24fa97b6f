import { serverNow } from '../clock';
import { localTime, utcTime } from './instants';

// An instant in the reader's own zone, with UTC on hover.
export function Time({ at, seconds = false }: { at: string; seconds?: boolean }) {
  return (
    <time datetime={at} title={utcTime(at)}>
      {localTime(at, serverNow(), seconds)}
    </time>
  );
}
