import type { ComponentChildren } from 'preact';
import type { Command } from '../api/types';
import { Card, Facts } from '../ui/Page';
import { Exact } from './Exact';
import { Preview } from './Preview';
import { Sql } from './Sql';
import { sayHow } from './words';

function factsOf(command: Command, waits: boolean): [string, ComponentChildren][] {
  const facts: [string, ComponentChildren][] = [['Database', command.database]];
  if (command.why_asked) facts.push(['Needs approval', <Exact text={command.why_asked} />]);
  facts.push(['How', sayHow(command)]);
  if (command.session) {
    facts.push([
      'Session',
      <a href={waits ? '/sessions' : '/sessions/past'}>
        <code>{command.session}</code>
      </a>,
    ]);
  }
  return facts;
}

// All that there is to know of a command before one decides, the SQL first. `children`: what can be done about it.
export function CommandCard({
  command,
  waits,
  unfolded,
  onUnfold,
  children,
}: {
  command: Command;
  waits: boolean; // its session is still there
  unfolded: boolean;
  onUnfold: () => void;
  children?: ComponentChildren;
}) {
  return (
    <Card title={command.form === 'script' ? 'The script' : 'The command'}>
      <Sql command={command} unfolded={unfolded} onUnfold={onUnfold} />
      {command.preview && <Preview preview={command.preview} />}
      <Facts facts={factsOf(command, waits)} />
      {children}
    </Card>
  );
}
