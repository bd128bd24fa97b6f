import type { ComponentChildren } from 'preact';
import { ApiError } from '../api/client';
import { Button } from './Button';
import { Icon } from './Icon';

const titles: Record<string, string> = {
  unreachable: 'No connection',
  unauthenticated: 'Not signed in',
  forbidden: 'Not allowed',
  not_found: 'Not there',
  conflict: 'Not possible as things stand',
  precondition_failed: 'Changed meanwhile',
  rate_limited: 'Too many attempts',
  unavailable: 'Not available right now',
  internal: 'Something went wrong',
};

// What went wrong, in the server's words, and each member's problem that is not shown beside its field (`shown`).
// Renders nothing without an error.
export function ProblemNote({
  error,
  title,
  shown = [],
  onRetry,
  children,
}: {
  error: unknown;
  title?: string;
  shown?: string[];
  onRetry?: () => void;
  children?: ComponentChildren;
}) {
  if (error === undefined || error === null) return null;
  const known = error instanceof ApiError ? error : null;
  const others = (known?.problems ?? []).filter((problem) => !shown.includes(problem.member));
  const detail = known?.detail ?? (error instanceof Error ? error.message : String(error));
  return (
    <div class="problem" role="alert">
      <Icon name="warning" />
      <div>
        <p class="problem-title">{title ?? titles[known?.code ?? 'internal'] ?? 'Not done'}</p>
        <p class="problem-detail">{detail}</p>
        {others.length > 1 && (
          <ul>
            {others.map((problem) => (
              <li key={problem.member + problem.detail}>
                {problem.member && <code>{problem.member}</code>} {problem.detail}
              </li>
            ))}
          </ul>
        )}
        {known?.retryAfterSeconds != null && <p>Try again in {known.retryAfterSeconds} s.</p>}
        {children}
        {onRetry && (
          <Button small onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}

// Something to know, that is nobody's fault.
export function Note({
  tone = 'info',
  children,
}: {
  tone?: 'info' | 'warn' | 'ok';
  children: ComponentChildren;
}) {
  return (
    <div class={`note note-${tone}`}>
      <Icon name={tone === 'ok' ? 'done' : tone === 'warn' ? 'warning' : 'explain'} />
      <div>{children}</div>
    </div>
  );
}
