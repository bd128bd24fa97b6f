import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { post } from './api/client';
import { useAction } from './api/use';
import type { Me } from './api/types';
import { useMe } from './me';
import { maySee, routes, type Route } from './routes';
import icon from './style/icon.svg';
import { chooseTheme, theme, type Theme } from './theme';
import { Button } from './ui/Button';
import { Dialog } from './ui/Dialog';
import { Icon } from './ui/Icon';
import { ProblemNote } from './ui/ProblemNote';
import { Select } from './ui/Select';
import { useReadWaiting, WaitingContext } from './views/requests/waiting';

const parts = { access: '', 'set-up': 'Set up', watch: 'Watch', you: 'You' } as const;

type Entry = Route & { nav: NonNullable<Route['nav']> };

function entriesFor(me: Me): Entry[] {
  return routes.filter((route): route is Entry => route.nav !== undefined && maySee(me, route));
}

// The entry that the place belongs to: the one with the longest path that it is below.
function currentOf(entries: Entry[], path: string): string | undefined {
  return entries
    .map((entry) => entry.path)
    .filter((own) => path === own || path.startsWith(`${own}/`))
    .sort((a, b) => b.length - a.length)[0];
}

// How many requests wait for the reader, beside the name of their view.
function WaitingCount({ path, count }: { path: string; count: number }) {
  if (path !== '/requests' || count === 0) return null;
  return (
    <span class="count">
      {count}
      <span class="unseen"> waiting for you</span>
    </span>
  );
}

interface LinksProps {
  entries: Entry[];
  current: string | undefined;
  waiting: number;
}

function Links({ entries, current, waiting }: LinksProps) {
  return (
    <>
      {Object.entries(parts).map(([part, name]) => {
        const own = entries.filter((entry) => entry.nav.part === part);
        if (own.length === 0) return null;
        return (
          <div key={part}>
            {name && <p class="nav-part">{name}</p>}
            <ul class="nav-list">
              {own.map((entry) => (
                <li key={entry.path}>
                  <a
                    class="nav-link"
                    href={entry.path}
                    aria-current={entry.path === current ? 'page' : undefined}
                  >
                    <Icon name={entry.nav.icon} />
                    {entry.nav.label}
                    <WaitingCount path={entry.path} count={waiting} />
                  </a>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </>
  );
}

function Person() {
  const me = useMe();
  const [look, setLook] = useState<Theme>(theme);
  // Nobody is signed in on the Unix socket: the operating system says who it is.
  const signOut = useAction(async () => {
    await post('/sign-out');
    location.assign('/sign-in');
  });
  return (
    <div class="form person-form">
      <p class="person">
        <strong>{me.display_name ?? me.name}</strong>
        {me.display_name
          ? `${me.name}${me.administrator ? ', administrator' : ''}`
          : me.administrator
            ? 'administrator'
            : ''}
      </p>
      <Select
        label="Colours"
        value={look}
        choices={[
          { value: 'system', label: 'System' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
        onValue={(value) => {
          chooseTheme(value as Theme);
          setLook(value as Theme);
        }}
      />
      {me.via === 'sign_in' && (
        <Button icon="out" busy={signOut.busy} onClick={() => void signOut.run()}>
          Sign out
        </Button>
      )}
      <ProblemNote error={signOut.error} />
    </div>
  );
}

export function Layout({ path, children }: { path: string; children: ComponentChildren }) {
  const me = useMe();
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  const entries = entriesFor(me);
  const current = currentOf(entries, path);
  const inBar = entries.filter((entry) => entry.nav.bar);
  const waiting = useReadWaiting();
  const count = waiting.items?.length ?? 0;
  return (
    <WaitingContext.Provider value={waiting}>
      <p class="unseen" role="status">
        {waiting.items && (count === 1 ? '1 request waits for you' : `${count} requests wait for you`)}
      </p>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <div class="frame">
        <div class="side">
          <a class="brand" href="/requests">
            <img src={icon} alt="" />
            Curfew
          </a>
          <nav aria-label="Main">
            <Links entries={entries} current={current} waiting={count} />
          </nav>
          <div class="side-foot">
            <Person />
          </div>
        </div>
        <main class="main" id="content" tabIndex={-1}>
          {children}
        </main>
        <nav class="bar" aria-label="Main">
          {inBar.map((entry) => (
            <a
              key={entry.path}
              class="bar-link"
              href={entry.path}
              aria-current={entry.path === current ? 'page' : undefined}
            >
              <Icon name={entry.nav.icon} size={22} />
              <span class="bar-label">
                {entry.nav.label}
                <WaitingCount path={entry.path} count={count} />
              </span>
            </a>
          ))}
          <button type="button" class="bar-link" aria-haspopup="dialog" onClick={() => setOpen(true)}>
            <Icon name="more" size={22} />
            More
          </button>
        </nav>
      </div>
      {open && (
        <Dialog title="Curfew" onClose={() => setOpen(false)}>
          <nav aria-label="All pages">
            <Links entries={entries} current={current} waiting={count} />
          </nav>
          <div class="sheet-foot">
            <Person />
          </div>
        </Dialog>
      )}
    </WaitingContext.Provider>
  );
}
