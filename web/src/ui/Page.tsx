import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { classes } from './classes';
import { useLine } from '../api/events';

// A view's heading and what stands beside it. The heading takes the focus when somebody came here by a link.
export function Page({
  title,
  lead,
  actions,
  back,
  live,
  narrow,
  children,
}: {
  title: string; // also the window's
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  back?: { href: string; label: string };
  live?: boolean; // says when what is shown is not live any more
  narrow?: boolean; // for forms and texts
  children: ComponentChildren;
}) {
  useEffect(() => {
    document.title = `${title} · Curfew`;
  }, [title]);
  return (
    <div class={classes('view', narrow && 'view-narrow')}>
      <header class="view-head">
        <div>
          {back && (
            <a class="view-back" href={back.href}>
              ‹ {back.label}
            </a>
          )}
          <h1 tabIndex={-1}>{title}</h1>
          {lead && <p class="view-lead">{lead}</p>}
        </div>
        <div class="view-actions">
          {live && <LineNote />}
          {actions}
        </div>
      </header>
      {children}
    </div>
  );
}

function LineNote() {
  const line = useLine();
  return (
    <span class={classes('line', `line-${line}`)} role="status">
      {line === 'broken' ? 'Not live: connecting again…' : line === 'open' ? 'Live' : ''}
    </span>
  );
}

// Tabs that are links, so that each is an address of its own.
export function Tabs({
  label,
  tabs,
  current,
}: {
  label: string;
  tabs: { href: string; label: string; key: string; count?: number | undefined }[];
  current: string;
}) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <a key={tab.key} href={tab.href} aria-current={tab.key === current ? 'page' : undefined}>
          {tab.label}
          {tab.count ? <span class="count">{tab.count}</span> : null}
        </a>
      ))}
    </nav>
  );
}

export function Card({
  title,
  actions,
  children,
}: {
  title?: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class="card">
      {title && (
        <header class="card-head">
          <h2>{title}</h2>
          {actions}
        </header>
      )}
      {children}
    </section>
  );
}

// Names and values, as a list of definitions.
export function Facts({ facts }: { facts: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

// While something is read for the first time.
export function Loading({ what }: { what: string }) {
  return (
    <p class="loading" role="status">
      Loading {what}…
    </p>
  );
}
