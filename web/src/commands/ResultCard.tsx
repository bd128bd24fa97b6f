import type { CommandResult, ResultPart } from '../api/types';
import { Card } from '../ui/Page';
import { Badge } from '../ui/StatusBadge';
import { Time } from '../ui/Time';
import { Exact, ExactBlock } from './Exact';
import { outcomeOf, sayRowsKept } from './words';

function Rows({ part, name }: { part: ResultPart; name: string }) {
  return (
    <div class="rows" tabIndex={0} role="region" aria-label={`Rows of ${name}`}>
      <table>
        <thead>
          <tr>
            {part.columns.map((column, i) => (
              <th key={i} scope="col">
                <Exact text={column} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {part.rows.map((row, i) => (
            <tr key={i}>
              {row.map((value, j) => (
                <td key={j}>{value === null ? <span class="muted">NULL</span> : <Exact text={value} />}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Part({ part, name }: { part: ResultPart; name: string }) {
  const kept = part.columns.length > 0 ? sayRowsKept(part.rows.length, part.rows_in_all) : '';
  return (
    <li>
      <code class="tag">{part.tag || '(no answer)'}</code>
      {part.columns.length > 0 && <Rows part={part} name={name} />}
      {kept && <p class="muted">{kept}</p>}
    </li>
  );
}

// What came of a command that was run: how it ended, and what PostgreSQL answered.
export function ResultCard({ result }: { result: CommandResult }) {
  const { tone, word } = outcomeOf(result);
  return (
    <Card title="What came of it">
      <p class="badges">
        <Badge tone={tone} icon={tone === 'ok' ? 'check' : tone === 'bad' ? 'cross' : 'warning'}>
          {word}
        </Badge>
        <span class="muted">
          <Time at={result.ended_at} seconds />
        </span>
      </p>
      {result.outcome === 'failed' && (
        <ExactBlock
          text={`ERROR${result.sqlstate ? ` ${result.sqlstate}` : ''}: ${result.message}`}
          label="The error"
        />
      )}
      {result.outcome === 'unknown' && result.message && (
        <p>
          <Exact text={result.message} />
        </p>
      )}
      {result.parts.length > 0 && (
        <ol class="parts">
          {result.parts.map((part, i) => (
            <Part key={i} part={part} name={`answer ${i + 1}`} />
          ))}
        </ol>
      )}
      {result.notices.length > 0 && (
        <>
          <h3>What it said meanwhile</h3>
          <ExactBlock text={result.notices.join('\n')} label="Notices" />
        </>
      )}
      {result.cut && <p class="muted">It printed more than is kept.</p>}
    </Card>
  );
}
