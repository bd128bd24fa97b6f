import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get } from '../../api/client';
import { usePages } from '../../api/pages';
import type { Hit, Recording, SearchPage } from '../../api/recordings';
import { serverNow } from '../../clock';
import { replaceQuery, usePlace } from '../../router';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { CheckField, TextField } from '../../ui/Field';
import { Loading, Page } from '../../ui/Page';
import { Note, ProblemNote } from '../../ui/ProblemNote';
import { Select } from '../../ui/Select';
import { Table, type Column } from '../../ui/Table';
import { Time } from '../../ui/Time';
import { endOf } from '../sessions/words';
import { recordingFilterOf, recordingsPath, whenChoices, type RecordingFilter } from './search';
import { counted, offsetText } from './steps';
import '../sessions/sessions.css';
import './recordings.css';

// What was recorded, and text looked for in all of it.
export function Recordings() {
  const { query } = usePlace();
  const filter = recordingFilterOf(query);
  const path = useMemo(() => recordingsPath(filter, serverNow()), [JSON.stringify(filter)]);
  return (
    <Page
      title="Recordings"
      lead="What was done in sessions, statement by statement. That you read one is written into the audit trail."
    >
      <Filters filter={filter} />
      {filter.text ? <Found path={path} key={path} /> : <List path={path} />}
    </Page>
  );
}

function Filters({ filter }: { filter: RecordingFilter }) {
  const [text, setText] = useState(filter.text);
  const [user, setUser] = useState(filter.user);
  const [resource, setResource] = useState(filter.resource);
  useEffect(() => setText(filter.text), [filter.text]);
  useEffect(() => setUser(filter.user), [filter.user]);
  useEffect(() => setResource(filter.resource), [filter.resource]);
  const commit = () => replaceQuery({ q: text.trim(), user: user.trim(), resource: resource.trim() });
  return (
    <form
      class="filters"
      role="search"
      aria-label="Search in recordings"
      onSubmit={(event) => {
        event.preventDefault();
        commit();
      }}
    >
      <TextField
        label="Text"
        type="search"
        value={text}
        onValue={setText}
        placeholder="DROP TABLE"
        spellcheck={false}
      />
      <TextField label="User" value={user} onValue={setUser} onBlur={commit} spellcheck={false} />
      <TextField label="Resource" value={resource} onValue={setResource} onBlur={commit} spellcheck={false} />
      <Select
        label="When"
        value={filter.when}
        choices={whenChoices}
        onValue={(when) => replaceQuery({ when })}
      />
      <div class="recording-search-end">
        <CheckField
          label="Regular expression"
          checked={filter.regex}
          onValue={(regex) => replaceQuery({ regex: regex ? 'true' : null })}
        />
        <Button type="submit" tone="primary">
          Search
        </Button>
      </div>
    </form>
  );
}

function List({ path }: { path: string }) {
  const pages = usePages<Recording>(path, 50);
  return (
    <>
      <ProblemNote error={pages.error} onRetry={pages.reload} />
      {!pages.items && !pages.error && <Loading what="recordings" />}
      {pages.items?.length === 0 && !pages.next && (
        <EmptyState icon="audit" title="Nothing is recorded here">
          What is to be recorded, <code>recording: statements</code> or <code>full</code> says, of a resource
          or a rule. Each session under it stands here from its beginning on.
        </EmptyState>
      )}
      {pages.items && pages.items.length > 0 && (
        <Table
          caption="Recordings, of the sessions that started last first"
          rows={pages.items}
          rowKey={({ id }) => id}
          columns={columns}
        />
      )}
      {pages.next && (
        <div class="more">
          <Button busy={pages.loading} onClick={pages.more}>
            Show older ones
          </Button>
        </div>
      )}
    </>
  );
}

const columns: Column<Recording>[] = [
  {
    head: 'Who',
    title: true,
    cell: (recording) => (
      <a href={`/sessions/${encodeURIComponent(recording.id)}/recording`}>
        <strong>{recording.user}</strong> on {recording.resource}
        {recording.database && recording.database !== recording.resource && `/${recording.database}`}
        <span class="unseen">, session {recording.id}</span>
      </a>
    ),
  },
  { head: 'Started', cell: ({ started_at }) => <Time at={started_at} seconds /> },
  { head: 'How it ended', cell: endOf },
  { head: 'Recorded', cell: ({ mode }) => (mode === 'full' ? 'statements and rows' : 'statements') },
  {
    head: 'Session, node',
    cell: ({ id, node }) => (
      <>
        <span class="nowrap">{id}</span>
        <div class="muted">{node}</div>
      </>
    ),
  },
];

interface Search {
  hits: Hit[];
  recordings: number;
  missing: number;
  elsewhere: string[];
  next: string | null;
}

// Each answer is of a bounded piece of work: goes on by itself until a page is full or all was looked through.
const enough = 100;

function Found({ path }: { path: string }) {
  const [search, setSearch] = useState<Search>({
    hits: [],
    recordings: 0,
    missing: 0,
    elsewhere: [],
    next: '',
  });
  const [wanted, setWanted] = useState(enough);
  const [error, setError] = useState<unknown>(undefined);
  const latest = useRef(search);
  latest.current = search;
  const searching = search.next !== null && search.hits.length < wanted && error === undefined;
  useEffect(() => {
    if (!searching) return;
    const abort = new AbortController();
    const { next } = latest.current;
    const after = next ? `&after=${encodeURIComponent(next)}` : '';
    get<SearchPage>(`${path}&limit=50${after}`, { signal: abort.signal }).then(
      (page) => {
        if (abort.signal.aborted) return;
        setSearch((before) => ({
          hits: [...before.hits, ...page.items],
          recordings: before.recordings + page.recordings,
          missing: before.missing + page.missing,
          elsewhere: [...new Set([...before.elsewhere, ...page.elsewhere])].sort(),
          next: page.next,
        }));
      },
      (failure: unknown) => {
        if (!abort.signal.aborted) setError(failure);
      },
    );
    return () => abort.abort();
  }, [searching, search]);
  return (
    <>
      <ProblemNote error={error} onRetry={() => setError(undefined)} />
      <p class="muted" role="status">
        {searching ? 'Searching… ' : ''}
        {counted(search.hits.length, 'place')} found in {counted(search.recordings, 'recording')}
        {search.missing > 0 &&
          `; ${counted(search.missing, 'recording')} not kept any more, or not to be read`}
      </p>
      {search.elsewhere.length > 0 && (
        <Note tone="warn">
          Recordings on other nodes cannot be read here, and were not looked at: {search.elsewhere.join(', ')}
          .
        </Note>
      )}
      <ol class="hits">
        {search.hits.map((hit) => (
          <HitItem key={`${hit.recording.id} ${hit.number}`} hit={hit} />
        ))}
      </ol>
      {!searching && search.hits.length === 0 && error === undefined && (
        <EmptyState icon="audit" title="Nothing like that was recorded">
          A blank stands for any white space, and capital and small letters are the same. What was redacted is
          not found.
        </EmptyState>
      )}
      {!searching && search.next !== null && error === undefined && (
        <div class="more">
          <Button onClick={() => setWanted(search.hits.length + enough)}>Search on</Button>
        </div>
      )}
    </>
  );
}

function HitItem({ hit }: { hit: Hit }) {
  const { recording } = hit;
  return (
    <li class="hit">
      <a href={`/sessions/${encodeURIComponent(recording.id)}/recording#step-${hit.number}`}>
        <strong>{recording.user}</strong> on {recording.resource}, <Time at={hit.time} seconds />
        <span class="unseen">, session {recording.id}</span>
      </a>{' '}
      <span class="muted number">
        {recording.id} · {offsetText(hit.at)} · {hit.member}
      </span>
      <p class="hit-text">
        {hit.before}
        <mark>{hit.match}</mark>
        {hit.after}
      </p>
    </li>
  );
}
