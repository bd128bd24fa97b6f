// The entries of a recording put together to what a reader looks for: statements, each with its parameters, its rows and
// how it went, and what happened besides.
import type { Entry, Value } from '../../api/recordings';

export type StepTone = 'ok' | 'bad' | 'warn' | 'plain';

export interface Step {
  number: number; // of its first entry
  at: number; // microseconds
  kind: 'statement' | 'event';
  text: string; // SQL, or a sentence
  notes: string[]; // what is to be known of the text: redacted, cut
  parameters: string[];
  columns: string[];
  rows: string[][];
  outcomes: { tone: StepTone; text: string }[];
  took: number | null; // microseconds
  failed: boolean;
  transaction: '' | 'begins' | 'ends' | 'fails'; // by what came of it
}

const text = (entry: Entry, member: string): string => {
  const plain = entry[member];
  if (typeof plain === 'string') return plain;
  return typeof entry[`${member}_base64`] === 'string' ? '(no text in UTF-8)' : '';
};
const number = (entry: Entry, member: string): number => {
  const value = entry[member];
  return typeof value === 'number' ? value : 0;
};
const list = <T>(entry: Entry, member: string): T[] => {
  const value = entry[member];
  return Array.isArray(value) ? (value as T[]) : [];
};

// `1 row`, `3 rows`.
export function counted(count: number, one: string): string {
  return `${count.toLocaleString('en-GB')} ${one}${count === 1 ? '' : 's'}`;
}

export function shownValue(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return value;
  const size = value.size === undefined ? '' : ` (${counted(value.size, 'byte')})`;
  if (value.redacted) return `(redacted)${size}`;
  if (value.text !== undefined) return `${value.text}…${size}`;
  if (value.binary !== undefined) return `(binary, base64) ${value.binary}${size}`;
  return `(no text in UTF-8, base64) ${value.text_base64 ?? ''}${size}`;
}

// `00:04.250`, `1:00:04.250`.
export function offsetText(microseconds: number): string {
  const milliseconds = Math.floor(microseconds / 1_000);
  const seconds = Math.floor(milliseconds / 1_000);
  const two = (n: number) => String(n).padStart(2, '0');
  const tail = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(milliseconds % 1_000).padStart(3, '0')}`;
  return seconds < 3_600 ? tail : `${Math.floor(seconds / 3_600)}:${tail}`;
}

// `750 µs`, `3.2 ms`, `12.5 s`.
export function tookText(microseconds: number): string {
  if (microseconds < 1_000) return `${microseconds} µs`;
  if (microseconds < 1_000_000) return `${(microseconds / 1_000).toFixed(1)} ms`;
  return `${(microseconds / 1_000_000).toFixed(1)} s`;
}

interface Parsed {
  number: number;
  at: number;
  entry: Entry;
  run: boolean;
}

// Fed with entries in their order. `steps` is a new list after each add(): what is shown compares lists.
export class StepBook {
  steps: Step[] = [];
  private pending: { step: Step; simple: boolean }[] = []; // asked for, and not answered yet
  private parsed = new Map<string, Parsed>();
  private portals = new Map<string, { statement: string; parameters: Value[] }>();
  private status = 'I';

  // `first`: the number of the first of them.
  add(first: number, entries: Entry[]): void {
    const before = this.steps.length;
    entries.forEach((entry, i) => this.take(first + i, entry));
    this.steps = entries.length || this.steps.length !== before ? [...this.steps] : this.steps;
  }

  private step(at: Pick<Step, 'number' | 'at'>, kind: Step['kind'], shown: string): Step {
    const step: Step = {
      number: at.number,
      at: at.at,
      kind,
      text: shown,
      notes: [],
      parameters: [],
      columns: [],
      rows: [],
      outcomes: [],
      took: null,
      failed: false,
      transaction: '',
    };
    this.steps.push(step);
    return step;
  }

  private statement(at: Pick<Step, 'number' | 'at'>, entry: Entry): Step {
    const step = this.step(at, 'statement', text(entry, 'sql'));
    if (entry['redacted']) step.notes.push('parts of it are redacted');
    if (entry['size'] !== undefined) step.notes.push(`cut: it has ${counted(number(entry, 'size'), 'byte')}`);
    return step;
  }

  // Those that were prepared and never run would be nowhere.
  private showUnrun(): void {
    for (const parsed of this.parsed.values()) {
      if (parsed.run) continue;
      parsed.run = true;
      this.statement(parsed, parsed.entry).notes.push('prepared, and not run by then');
    }
  }

  private execute(at: Pick<Step, 'number' | 'at'>, entry: Entry): void {
    const portal = this.portals.get(text(entry, 'portal'));
    const name = text(entry, 'statement') || portal?.statement || '';
    const parsed = this.parsed.get(name);
    if (parsed) parsed.run = true;
    const step = parsed
      ? this.statement(at, parsed.entry)
      : this.step(at, 'statement', `(statement '${name}', whose text is not in the recording)`);
    step.parameters = (portal?.parameters ?? []).map(shownValue);
    this.pending.push({ step, simple: false });
  }

  private event(at: Pick<Step, 'number' | 'at'>, tone: StepTone, shown: string): void {
    this.step(at, 'event', shown).outcomes.push({ tone, text: '' });
  }

  // To what was asked for first and is not answered yet; what comes without having been asked for stands alone.
  private answered(at: Pick<Step, 'number' | 'at'>): Step {
    return this.pending[0]?.step ?? this.step(at, 'event', '');
  }

  private completed(at: Pick<Step, 'number' | 'at'>, entry: Entry): void {
    const step = this.answered(at);
    const rows = number(entry, 'rows');
    const kept = number(entry, 'rows_kept');
    let said = text(entry, 'tag') || (entry['suspended'] ? 'suspended: more rows to come' : 'an empty query');
    if (rows > 0) said += ` (${counted(rows, 'row')})`;
    if (step.rows.length > 0 && kept < rows) said += `, ${kept} of them recorded`;
    step.outcomes.push({ tone: 'ok', text: said });
    step.took = (step.took ?? 0) + number(entry, 'took');
    if (!this.pending[0]?.simple) this.pending.shift();
  }

  private failed(at: Pick<Step, 'number' | 'at'>, entry: Entry): void {
    if (this.pending.length === 0) this.showUnrun();
    const last = this.steps[this.steps.length - 1];
    const step =
      this.pending[0]?.step ??
      (last?.kind === 'statement' && !last.outcomes.length ? last : this.answered(at));
    const said = [`${text(entry, 'severity')} ${text(entry, 'sqlstate')}: ${text(entry, 'message')}`];
    if (text(entry, 'detail')) said.push(`Detail: ${text(entry, 'detail')}`);
    if (text(entry, 'hint')) said.push(`Hint: ${text(entry, 'hint')}`);
    step.outcomes.push({ tone: 'bad', text: said.join('\n') });
    step.failed = true;
    step.took = (step.took ?? 0) + number(entry, 'took');
    if (!this.pending[0]?.simple) this.pending.shift();
  }

  private ready(entry: Entry): void {
    this.showUnrun();
    const status = text(entry, 'status') || 'I';
    const last = [...this.steps].reverse().find(({ kind }) => kind === 'statement');
    if (last && status !== this.status) {
      last.transaction = status === 'T' ? 'begins' : status === 'E' ? 'fails' : 'ends';
    }
    this.status = status;
    while (this.pending[0] && (this.pending[0].simple || this.pending[0].step.outcomes.length > 0)) {
      this.pending.shift();
    }
  }

  private take(n: number, entry: Entry): void {
    const at = { number: n, at: entry.at };
    switch (entry.kind) {
      case 'started':
        return this.event(at, 'plain', `The session began, as ${text(entry, 'login_role')} of PostgreSQL`);
      case 'query':
        this.pending.push({ step: this.statement(at, entry), simple: true });
        return;
      case 'parse':
        if (this.parsed.get(text(entry, 'statement'))?.run === false) this.showUnrun();
        this.parsed.set(text(entry, 'statement'), { number: n, at: entry.at, entry, run: false });
        return;
      case 'bind':
        this.portals.set(text(entry, 'portal'), {
          statement: text(entry, 'statement'),
          parameters: list<Value>(entry, 'parameters'),
        });
        return;
      case 'execute':
        return this.execute(at, entry);
      case 'function_call': {
        const step = this.step(at, 'statement', `(call of function ${number(entry, 'function')})`);
        step.parameters = list<Value>(entry, 'arguments').map(shownValue);
        this.pending.push({ step, simple: false });
        return;
      }
      case 'cancel_asked':
        return this.event(at, 'warn', 'The client asked to cancel');
      case 'columns':
        this.answered(at).columns = list<Value>(entry, 'names').map(shownValue);
        return;
      case 'row':
        this.answered(at).rows.push(list<Value>(entry, 'values').map(shownValue));
        return;
      case 'copy_started':
        this.answered(at).outcomes.push({ tone: 'plain', text: `COPY ${copyWords(entry)}` });
        return;
      case 'copy_ended': {
        const failed = text(entry, 'failed');
        const said = `COPY: ${counted(number(entry, 'bytes'), 'byte')} in ${counted(number(entry, 'messages'), 'message')}`;
        this.answered(at).outcomes.push({
          tone: failed ? 'warn' : 'plain',
          text: failed ? `${said}; the client gave up: ${failed}` : said,
        });
        return;
      }
      case 'completed':
        return this.completed(at, entry);
      case 'failed':
        return this.failed(at, entry);
      case 'notice':
        return this.event(
          at,
          'warn',
          `${entry['by_curfew'] ? 'Curfew: ' : `${text(entry, 'severity')}: `}${text(entry, 'message')}`,
        );
      case 'notified':
        return this.event(at, 'plain', `NOTIFY ${text(entry, 'channel')}: ${text(entry, 'payload')}`);
      case 'parameter_changed':
        return this.event(at, 'plain', `${text(entry, 'name')} is now ${text(entry, 'value')}`);
      case 'ready':
        return this.ready(entry);
      case 'gap':
        return this.event(
          at,
          'bad',
          `Not recorded: ${text(entry, 'what')} (${counted(number(entry, 'bytes'), 'byte')})`,
        );
      case 'ended':
        this.showUnrun();
        return this.event(
          at,
          'plain',
          `The session ended (${text(entry, 'cause')}); its last transaction: ${outcomeWords(text(entry, 'outcome'))}`,
        );
      default:
        return this.event(at, 'plain', `${entry.kind}: a later Curfew knows what that is`);
    }
  }
}

function copyWords(entry: Entry): string {
  const direction = text(entry, 'direction');
  return direction === 'out' ? 'to the client' : direction === 'both' ? 'both ways' : 'from the client';
}

function outcomeWords(outcome: string): string {
  return outcome === 'none' || outcome === '' ? 'there was none' : outcome.replace('_', ' ');
}

// Those in which each of the words occurs.
export function stepsWith(steps: Step[], words: string): Step[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return steps;
  return steps.filter((step) => {
    const all = [
      step.text,
      ...step.parameters,
      ...step.columns,
      ...step.rows.flat(),
      ...step.outcomes.map((outcome) => outcome.text),
    ]
      .join('\n')
      .toLowerCase();
    return wanted.every((word) => all.includes(word));
  });
}

export interface Jump {
  number: number;
  what: 'error' | 'transaction' | 'gap';
  text: string;
}

const short = (sql: string): string => {
  const line = sql.replace(/\s+/g, ' ').trim();
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
};

// What one wants to get to: errors, where transactions begin and end, what is missing.
export function jumpsOf(steps: Step[]): Jump[] {
  return steps.flatMap((step): Jump[] => {
    if (step.failed) return [{ number: step.number, what: 'error', text: short(step.text) || 'an error' }];
    if (step.text.startsWith('Not recorded:') && step.kind === 'event')
      return [{ number: step.number, what: 'gap', text: short(step.text) }];
    if (step.transaction) return [{ number: step.number, what: 'transaction', text: short(step.text) }];
    return [];
  });
}

const transactionWords = {
  '': '',
  begins: 'transaction begins',
  ends: 'transaction ends',
  fails: 'transaction fails',
};
export function transactionText(step: Step): string {
  return transactionWords[step.transaction];
}

// How far a recording can be believed, in a sentence.
export function conditionText(condition: string): string {
  switch (condition) {
    case 'open':
      return 'Good so far; the session lives, and there may be more.';
    case 'complete':
      return 'Complete: each part is as it was written, to the end.';
    case 'cut':
      return 'Good, but it breaks off: curfewd or its machine was stopped, or the disk was full.';
    case 'broken':
      return 'Changed or damaged: what follows is not what was written, and is not shown.';
    default:
      return condition;
  }
}
