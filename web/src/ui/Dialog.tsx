import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './Icon';

// The browser's own modal dialog, open while it is rendered. It keeps the focus inside, Escape leaves it, and the focus
// goes back to where it was. Give `autofocus` to what should have it first; else it is the first control.
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    const first =
      element?.querySelector<HTMLElement>('[autofocus]') ??
      element?.querySelector<HTMLElement>(
        '.dialog-body :is(input, select, textarea, button, a):not([disabled])',
      );
    first?.focus();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        // Beside the dialog is its own backdrop.
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div class="dialog-body-outer">
        <header class="dialog-head">
          <h2 id={id}>{title}</h2>
          <button type="button" class="dialog-close" aria-label="Close" onClick={onClose}>
            <Icon name="cross" />
          </button>
        </header>
        <div class="dialog-body">{children}</div>
      </div>
    </dialog>
  );
}

// Where the buttons of a dialog or a form stand.
export function Actions({ children }: { children: ComponentChildren }) {
  return <div class="actions">{children}</div>;
}
