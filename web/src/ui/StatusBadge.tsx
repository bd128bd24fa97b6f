import type { ComponentChildren } from 'preact';
import type { Status } from '../api/types';
import { Icon, type IconName } from './Icon';

export type BadgeTone = 'ok' | 'warn' | 'bad' | 'info' | 'plain';

// A word with a drawing: never told apart by colour alone.
export function Badge({
  tone,
  icon,
  children,
}: {
  tone: BadgeTone;
  icon?: IconName;
  children: ComponentChildren;
}) {
  return (
    <span class={`badge badge-${tone}`}>
      {icon && <Icon name={icon} size={14} />}
      {children}
    </span>
  );
}

const looks: Record<Status, { tone: BadgeTone; icon: IconName; word: string }> = {
  PENDING: { tone: 'warn', icon: 'clock', word: 'Pending' },
  APPROVED: { tone: 'ok', icon: 'check', word: 'Approved' },
  REJECTED: { tone: 'bad', icon: 'cross', word: 'Rejected' },
  REVOKED: { tone: 'bad', icon: 'stop', word: 'Revoked' },
  EXECUTED: { tone: 'plain', icon: 'done', word: 'Executed' },
};

export function StatusBadge({ status }: { status: Status }) {
  const { tone, icon, word } = looks[status];
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  );
}
