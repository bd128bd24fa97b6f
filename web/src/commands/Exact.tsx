import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { exact } from './exact';
import './commands.css';

// A text of which nothing is hidden: what would not be seen stands there as its number.
export function Exact({ text }: { text: string }) {
  return (
    <>
      {exact(text).map((piece, i) =>
        piece.hidden ? (
          <span key={i} class="exact-hidden">
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
    </>
  );
}

// Lines of it in a box that is scrolled by itself, sideways and by the keyboard too. Phones draw no bar beside what can be
// scrolled: that lines go on is said.
export function ExactBlock({ text, label }: { text: string; label: string }) {
  const box = useRef<HTMLPreElement>(null);
  const [goesOn, setGoesOn] = useState(false);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => setGoesOn(element.scrollWidth > element.clientWidth + 1);
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [text]);
  return (
    <>
      <pre ref={box} class="exact" tabIndex={0} role="group" aria-label={label}>
        <code>
          <Exact text={text} />
        </code>
      </pre>
      {goesOn && <p class="exact-goes-on muted">Lines go on to the right: scroll sideways →</p>}
    </>
  );
}
