import { useEffect, useRef, useState } from 'preact/hooks';
import { recordingPath, type Recording as Whose } from '../../api/recordings';
import type { ViewProps } from '../../routes';
import { usePlace } from '../../router';
import { Button, LinkButton } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { TextField } from '../../ui/Field';
import { Facts, Loading, Page } from '../../ui/Page';
import { ProblemNote } from '../../ui/ProblemNote';
import { Badge } from '../../ui/StatusBadge';
import { Time } from '../../ui/Time';
import { endOf } from '../sessions/words';
import { useReading, type Following, type Reading } from './reading';
import { StepItem } from './StepItem';
import { conditionText, counted, jumpsOf, stepsWith, type Jump } from './steps';
import '../sessions/sessions.css';
import './recordings.css';

const jumpWords: Record<Jump['what'], string> = { error: 'Error', gap: 'Gap', transaction: 'Transaction' };

// What was done in one session, live or past.
export function Recording({ params }: ViewProps) {
  const session = params['id'] ?? '';
  const { hash } = usePlace();
  const reading = useReading(session);
  const [words, setWords] = useState('');
  const shown = stepsWith(reading.steps, words);
  useScrollAlong(reading);
  useJumpFromAddress(hash, reading.steps.length);
  return (
    <Page
      title="Recording"
      back={{ href: '/recordings', label: 'Recordings' }}
      lead={reading.recording && <Lead recording={reading.recording} />}
      actions={reading.recording && <Exports session={session} />}
    >
      <ProblemNote error={reading.error} onRetry={reading.retry} />
      {!reading.recording && reading.error === undefined && <Loading what="the recording" />}
      {reading.recording && (
        <>
          <State reading={reading} />
          <div class="recording">
            <JumpList jumps={jumpsOf(shown)} />
            <div class="recording-steps">
              <form class="recording-find" role="search" onSubmit={(event) => event.preventDefault()}>
                <TextField
                  label="Find in this recording"
                  type="search"
                  value={words}
                  onValue={setWords}
                  placeholder="Words of a statement, a parameter, an error"
                  spellcheck={false}
                />
              </form>
              <p class="muted" role="status">
                {words.trim()
                  ? `${shown.length} of ${counted(reading.steps.length, 'step')} have that`
                  : counted(reading.steps.length, 'step')}
              </p>
              {shown.length === 0 && !reading.loading && (
                <EmptyState
                  icon="audit"
                  title={words.trim() ? 'Nothing like that is in it' : 'Nothing was done yet'}
                >
                  {words.trim()
                    ? 'Words may stand anywhere in a step, in any order.'
                    : 'What is done stands here a second later.'}
                </EmptyState>
              )}
              <ol class="steps">
                {shown.map((step) => (
                  <StepItem key={step.number} step={step} startedAt={reading.recording?.started_at ?? ''} />
                ))}
              </ol>
              {reading.more && (
                <div class="more">
                  <Button onClick={reading.more}>Read on</Button>
                </div>
              )}
              {reading.loading && <Loading what="more" />}
            </div>
          </div>
        </>
      )}
    </Page>
  );
}

function Lead({ recording }: { recording: Whose }) {
  return (
    <>
      <strong>{recording.user}</strong> on {recording.resource}
      {recording.database && `/${recording.database}`}, since <Time at={recording.started_at} seconds />
    </>
  );
}

function State({ reading }: { reading: Reading }) {
  const { recording, integrity, following } = reading;
  if (!recording || !integrity) return null;
  const bad = integrity.condition === 'broken' || integrity.condition === 'cut';
  return (
    <>
      <Facts
        facts={[
          ['Session', <code>{recording.id}</code>],
          ['Grant', <code>{recording.grant}</code>],
          ['Node', recording.node],
          ['Recorded', recording.mode === 'full' ? 'statements and rows' : 'statements'],
          ['How it ended', endOf(recording)],
          [
            'The recording',
            <>
              {bad && (
                <Badge tone={integrity.condition === 'broken' ? 'bad' : 'warn'} icon="warning">
                  {integrity.condition}
                </Badge>
              )}{' '}
              {conditionText(integrity.condition)}
              {integrity.what && <div class="muted">{integrity.what}</div>}
            </>,
          ],
        ]}
      />
      {integrity.condition === 'open' && reading.more === null && (
        <p class="recording-live">
          <Button small aria-pressed={following !== 'no'} onClick={() => reading.follow(following === 'no')}>
            {following === 'no' ? 'Follow' : 'Stop following'}
          </Button>{' '}
          <span role="status">{followingWords[following]}</span>
        </p>
      )}
    </>
  );
}

const followingWords: Record<Following, string> = {
  no: '',
  connecting: 'Connecting…',
  yes: 'Live: what is done appears below by itself.',
  broken: 'Not live: connecting again…',
};

function Exports({ session }: { session: string }) {
  const path = `/api/v1${recordingPath(session)}`;
  return (
    <>
      <span class="muted">Save as</span>
      {[
        ['SQL', `${path}?format=sql`],
        ['asciicast', `${path}?format=asciicast`],
        ['JSON lines', `${path}?format=ndjson`],
        ['File', `${path}/file`],
      ].map(([name, href]) => (
        <LinkButton key={name} small href={href} download>
          <span class="unseen">Save as </span>
          {name}
        </LinkButton>
      ))}
    </>
  );
}

function JumpList({ jumps }: { jumps: Jump[] }) {
  if (jumps.length === 0) return null;
  return (
    <nav class="recording-jumps" aria-label="Jump to">
      <details open>
        <summary>{counted(jumps.length, 'place')} to jump to</summary>
        <ul class="plain-list">
          {jumps.map((jump) => (
            <li key={jump.number}>
              <a href={`#step-${jump.number}`} class={jump.what === 'error' ? 'jump-bad' : undefined}>
                {jumpWords[jump.what]}: <code>{jump.text}</code>
              </a>
            </li>
          ))}
        </ul>
      </details>
    </nav>
  );
}

// Whoever stands at the end of what is followed stays there.
function useScrollAlong({ steps, following }: Reading): void {
  const atEnd = useRef(false);
  useEffect(() => {
    const look = () => {
      const left = document.documentElement.scrollHeight - window.innerHeight - window.scrollY;
      atEnd.current = left < 80;
    };
    look();
    window.addEventListener('scroll', look, { passive: true });
    return () => window.removeEventListener('scroll', look);
  }, []);
  useEffect(() => {
    if (following === 'yes' && atEnd.current) window.scrollTo(0, document.documentElement.scrollHeight);
  }, [steps]);
}

// A link to a step leads there once it has been read.
function useJumpFromAddress(hash: string, steps: number): void {
  const done = useRef('');
  useEffect(() => {
    if (!/^step-\d+$/.test(hash) || done.current === hash) return;
    const step = document.getElementById(hash);
    if (!step) return;
    done.current = hash;
    step.scrollIntoView();
    step.focus({ preventScroll: true });
  }, [hash, steps]);
}
