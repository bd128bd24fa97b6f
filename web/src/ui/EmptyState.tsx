import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './Icon';

// Where nothing is to be shown: what will stand here, and how it comes to be. `action` is what to do now.
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon: IconName;
  title: string;
  children?: ComponentChildren;
  action?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <Icon name={icon} size={32} />
      <p class="empty-title">{title}</p>
      {children && <div class="empty-text">{children}</div>}
      {action}
    </div>
  );
}
