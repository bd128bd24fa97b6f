import type { Command, Parameter } from '../api/types';
import { Button } from '../ui/Button';
import { Exact, ExactBlock } from './Exact';
import { firstLines, foldFrom, lengthOf } from './words';

function Value({ parameter }: { parameter: Parameter }) {
  if (parameter.value === null) return <span class="muted">NULL</span>;
  if (parameter.value === '') return <span class="muted">an empty text</span>;
  return (
    <code class="parameter-value">
      <Exact text={parameter.value} />
    </code>
  );
}

function Parameters({ parameters, of }: { parameters: Parameter[]; of: string }) {
  if (parameters.length === 0) return null;
  return (
    <dl class="parameters" aria-label={`Values of ${of}`}>
      {parameters.map((parameter, i) => (
        <div key={i}>
          <dt>${i + 1} =</dt>
          <dd>
            <Value parameter={parameter} />
            {parameter.binary && <span class="muted"> (binary)</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

export const isLong = (command: Command): boolean => lengthOf(command) > foldFrom;

// What would run, or ran, exactly. A long one is folded until somebody wants all of it: `unfolded`.
export function Sql({
  command,
  unfolded,
  onUnfold,
}: {
  command: Command;
  unfolded: boolean;
  onUnfold?: () => void;
}) {
  const folded = isLong(command) && !unfolded;
  const shown = firstLines(command, folded ? foldFrom / 3 : Infinity);
  const several = command.statements.length > 1;
  return (
    <div class="sql">
      {shown.map(({ statement, number }) => {
        const name = several ? `statement ${number} of ${command.statements.length}` : 'the statement';
        return (
          <div key={number}>
            {several && <p class="sql-number muted">Statement {number}</p>}
            <ExactBlock text={statement.sql} label={`SQL of ${name}`} />
            <Parameters parameters={statement.parameters} of={name} />
          </div>
        );
      })}
      {folded && (
        <div class="sql-folded">
          <p class="muted">Only its beginning is shown.</p>
          <Button onClick={onUnfold}>Show all {lengthOf(command)} lines</Button>
        </div>
      )}
    </div>
  );
}
