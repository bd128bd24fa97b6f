import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from './Button';

// Without a clipboard (plain HTTP from another machine) the text is selected, to be copied by hand.
async function copy(text: string, fallback: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const range = document.createRange();
    if (fallback) {
      range.selectNodeContents(fallback);
      const selection = getSelection();
      selection?.removeAllRanges();
      selection?.addRange(range);
    }
    return false;
  }
}

// A piece of text to be used elsewhere, and a button that copies it.
export function CopyText({ text, label, secret = false }: { text: string; label: string; secret?: boolean }) {
  const [state, setState] = useState<'' | 'Copied' | 'Selected: press Ctrl+C'>('');
  const code = useRef<HTMLElement>(null);
  useEffect(() => {
    if (state === '') return;
    const timer = setTimeout(() => setState(''), 3_000);
    return () => clearTimeout(timer);
  }, [state]);
  return (
    <div class="copy">
      <code ref={code} class={secret ? 'copy-secret' : ''} tabIndex={0} aria-label={label}>
        {text}
      </code>
      <Button
        small
        icon={state === 'Copied' ? 'check' : 'copy'}
        onClick={async () => setState((await copy(text, code.current)) ? 'Copied' : 'Selected: press Ctrl+C')}
      >
        <span aria-live="polite">{state || 'Copy'}</span>
        <span class="unseen"> {label}</span>
      </Button>
    </div>
  );
}
