import { useEffect, useState } from 'preact/hooks';
import { serverNow } from '../clock';

// One timer for everything on the page that counts.
const tickers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  for (const ticker of [...tickers]) ticker();
}

// The server's time in milliseconds, anew every second while `active`.
export function useNow(active = true): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    if (!active) return;
    const update = () => setNow(serverNow());
    update();
    tickers.add(update);
    timer ??= setInterval(tick, 1000);
    return () => {
      tickers.delete(update);
      if (tickers.size === 0) {
        clearInterval(timer);
        timer = undefined;
      }
    };
  }, [active]);
  return now;
}
