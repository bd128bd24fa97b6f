import { useEffect, useState } from 'preact/hooks';
import { Icon } from './Icon';

interface Said {
  id: number;
  text: string;
}

const shownFor = 6_000;
let next = 1;
let tell: (said: Said) => void = () => {};

// What was done, in a few words, for everybody: also read out. Problems are not said here, but stand where they arose.
export function toast(text: string): void {
  tell({ id: next++, text });
}

// Once on the page. It is there before anything is said: a live region that appears with its text is not read out.
export function Toasts() {
  const [said, setSaid] = useState<Said[]>([]);
  useEffect(() => {
    tell = (one) => {
      setSaid((before) => [...before, one].slice(-3));
      setTimeout(() => setSaid((before) => before.filter(({ id }) => id !== one.id)), shownFor);
    };
    return () => void (tell = () => {});
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {said.map(({ id, text }) => (
        <p class="toast" key={id}>
          <Icon name="check" size={18} />
          {text}
        </p>
      ))}
    </div>
  );
}
