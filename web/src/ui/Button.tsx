import type { ComponentChildren, JSX } from 'preact';
import { classes } from './classes';
import { Icon, type IconName } from './Icon';

export type Tone = 'plain' | 'primary' | 'danger' | 'quiet';

interface Common {
  tone?: Tone; // primary: the one thing to do here; quiet: without a frame
  icon?: IconName;
  small?: boolean;
  wide?: boolean; // as wide as what it stands in
  children?: ComponentChildren;
}

type ButtonProps = Common &
  Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, 'icon' | 'size'> & { busy?: boolean }; // busy: waits for the server

const look = ({ tone = 'plain', small, wide }: Common, more: unknown) =>
  classes(
    'button',
    `button-${tone}`,
    small && 'button-small',
    wide && 'button-wide',
    typeof more === 'string' && more,
  );

// A button that is busy keeps the focus and says so; what it does is not done twice (see useAction).
export function Button({ tone, icon, small, wide, busy, children, class: more, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      class={look({ tone: tone ?? 'plain', small: small ?? false, wide: wide ?? false }, more)}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
    >
      {icon && <Icon name={icon} size={18} />}
      {children}
    </button>
  );
}

// A link that looks like a button: it leads somewhere and changes nothing.
export function LinkButton({
  tone,
  icon,
  small,
  wide,
  children,
  class: more,
  ...rest
}: Common & JSX.AnchorHTMLAttributes<HTMLAnchorElement>) {
  return (
    <a {...rest} class={look({ tone: tone ?? 'plain', small: small ?? false, wide: wide ?? false }, more)}>
      {icon && <Icon name={icon} size={18} />}
      {children}
    </a>
  );
}
