import { classes } from '../../ui/classes';
import { Badge } from '../../ui/StatusBadge';
import { utcTime } from '../../ui/instants';
import { counted, offsetText, tookText, transactionText, type Step, type StepTone } from './steps';

const foldFrom = 12; // lines of a statement
const rowsShown = 200;

// One statement with how it went, or one thing that happened.
export function StepItem({ step, startedAt }: { step: Step; startedAt: string }) {
  return (
    <li
      id={`step-${step.number}`}
      class={classes('step', step.failed && 'step-failed', step.kind === 'event' && 'step-event')}
      tabIndex={-1}
    >
      <div class="step-head">
        <a class="step-at number" href={`#step-${step.number}`} title={wallTime(startedAt, step.at)}>
          {offsetText(step.at)}
        </a>
        {step.transaction && (
          <Badge tone={step.transaction === 'fails' ? 'bad' : 'info'}>{transactionText(step)}</Badge>
        )}
        {step.took !== null && <span class="muted">{tookText(step.took)}</span>}
        {step.notes.map((note) => (
          <span key={note} class="muted">
            {note}
          </span>
        ))}
      </div>
      {step.kind === 'statement' ? <Statement text={step.text} /> : <p class="step-text">{step.text}</p>}
      <Parameters step={step} />
      <Rows step={step} />
      {step.outcomes
        .filter(({ text }) => text)
        .map(({ tone, text }, i) => (
          <p key={i} class="step-outcome">
            <Outcome tone={tone} /> {text}
          </p>
        ))}
    </li>
  );
}

function wallTime(startedAt: string, at: number): string {
  const began = Date.parse(startedAt);
  return Number.isNaN(began) ? '' : utcTime(new Date(began + at / 1_000).toISOString());
}

function Statement({ text }: { text: string }) {
  const lines = text.split('\n');
  if (lines.length < foldFrom) return <pre class="step-sql">{text || '(an empty statement)'}</pre>;
  return (
    <details class="step-fold">
      <summary>
        <code>{lines[0]}</code> <span class="muted">and {counted(lines.length - 1, 'line')} more</span>
      </summary>
      <pre class="step-sql" tabIndex={0}>
        {text}
      </pre>
    </details>
  );
}

function Parameters({ step }: { step: Step }) {
  if (step.parameters.length === 0) return null;
  return (
    <details class="step-fold">
      <summary>{counted(step.parameters.length, 'parameter')}</summary>
      <ol class="step-parameters">
        {step.parameters.map((value, i) => (
          <li key={i}>
            <code>${i + 1}</code> = <code>{value}</code>
          </li>
        ))}
      </ol>
    </details>
  );
}

function Rows({ step }: { step: Step }) {
  if (step.rows.length === 0) return null;
  return (
    <details class="step-fold">
      <summary>{counted(step.rows.length, 'row')} recorded</summary>
      <div class="step-rows" tabIndex={0} role="group" aria-label="Rows">
        <table>
          <caption class="unseen">Rows of this statement</caption>
          {step.columns.length > 0 && (
            <thead>
              <tr>
                {step.columns.map((name, i) => (
                  <th key={i} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
          )}
          <tbody>
            {step.rows.slice(0, rowsShown).map((row, i) => (
              <tr key={i}>
                {row.map((value, j) => (
                  <td key={j}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {step.rows.length > rowsShown && (
          <p class="muted">{counted(step.rows.length - rowsShown, 'more row')}: the export has them.</p>
        )}
      </div>
    </details>
  );
}

function Outcome({ tone }: { tone: StepTone }) {
  switch (tone) {
    case 'ok':
      return (
        <Badge tone="ok" icon="check">
          Done
        </Badge>
      );
    case 'bad':
      return (
        <Badge tone="bad" icon="cross">
          Error
        </Badge>
      );
    case 'warn':
      return <Badge tone="warn">Note</Badge>;
    case 'plain':
      return null;
  }
}
