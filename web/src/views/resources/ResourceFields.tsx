import type { Resource } from '../../api/types';
import { ChoiceOf, NameOf, NamesOf, NumberOf, PairsOf, TextOf } from '../../objects/controls';
import type { Editor, Kind } from '../../objects/editor';
import { pairs, text } from '../../objects/fields';
import { Folded, Part } from '../../objects/ObjectForm';
import { RecordingOf } from '../../objects/RecordingOf';
import { matters, problemsOfResource, resourceFields, settingsOfResource } from './resource';

export const resourceKind: Kind<Resource> = {
  word: 'resource',
  path: '/resources',
  specs: resourceFields,
  problems: problemsOfResource,
  settings: settingsOfResource,
};

const logins = [
  { value: '', label: 'As themselves (passthrough)' },
  { value: 'managed', label: 'By Curfew, all as one role (managed)' },
  { value: 'ephemeral', label: 'By Curfew, each with a role made for them (ephemeral)' },
];
const proofs = [
  { value: '', label: 'By password (scram)' },
  { value: 'certificate', label: 'By certificate' },
  { value: 'scram_or_certificate', label: 'By password or certificate' },
];
const sslModes = [
  { value: '', label: 'prefer: where the server has it' },
  { value: 'disable', label: 'disable: never' },
  { value: 'allow', label: 'allow: where the server insists' },
  { value: 'require', label: 'require: always, whoever the server is' },
  { value: 'verify-ca', label: 'verify-ca: a certificate of these authorities' },
  { value: 'verify-full', label: 'verify-full: and for this host' },
];
const secretHint =
  'A file on the machine of curfewd, below the directory that live.files names. The password itself is never entered or shown here.';

// With what is the default shown as such: the server fills defaults in, and the choice for them has no value.
const withDefault = (choices: { value: string; label: string }[], usual: string, now: string) =>
  now === usual
    ? choices.map((choice) => (choice.value === '' ? { ...choice, value: usual } : choice))
    : choices;

function Server({ editor }: { editor: Editor }) {
  const { form } = editor;
  const verifies = text(form, 'tls.sslmode').startsWith('verify-');
  const showsAuthorities =
    matters('tls.root_certificate', form) && (verifies || text(form, 'tls.root_certificate') !== '');
  return (
    <Part title="Where PostgreSQL is">
      <div class="two">
        <TextOf
          editor={editor}
          path="host"
          placeholder="db1.internal"
          hint="A host name, an IP address, or the directory of a Unix socket."
        />
        <NumberOf
          editor={editor}
          path="port"
          placeholder="5432"
          hint="Of a Unix socket, the number in its name."
        />
      </div>
      {matters('tls.sslmode', form) && (
        <ChoiceOf
          editor={editor}
          path="tls.sslmode"
          choices={withDefault(sslModes, 'prefer', text(form, 'tls.sslmode'))}
          hint="Only verify-full proves that the server is the one meant."
        />
      )}
      {showsAuthorities && (
        <TextOf
          editor={editor}
          path="tls.root_certificate"
          placeholder="/etc/curfew/live/ca.pem"
          hint="A file, below live.files."
        />
      )}
      <NamesOf
        editor={editor}
        path="databases"
        one="database"
        hint="The only ones that may be opened. With none named, any."
      />
      <TextOf editor={editor} path="default_database" placeholder="postgres" />
    </Part>
  );
}

function Login({ editor }: { editor: Editor }) {
  const { form } = editor;
  const login = text(form, 'login');
  const shown = (path: string) => matters(path, form);
  return (
    <Part title="Logging in">
      <ChoiceOf editor={editor} path="login" choices={withDefault(logins, 'passthrough', login)} />
      {shown('authentication') && (
        <ChoiceOf
          editor={editor}
          path="authentication"
          choices={withDefault(proofs, 'scram', text(form, 'authentication'))}
        />
      )}
      {shown('role.user') && (
        <div class="two">
          <TextOf editor={editor} path="role.user" placeholder="app" />
          <TextOf editor={editor} path="role.password" placeholder="/etc/curfew/live/app" hint={secretHint} />
        </div>
      )}
      {shown('ephemeral.owner') && (
        <>
          <NamesOf
            editor={editor}
            path="ephemeral.member_of"
            one="role"
            hint="Each role that Curfew makes is a member of all of these, and can do nothing else."
          />
          <TextOf
            editor={editor}
            path="ephemeral.owner"
            placeholder="app_owner"
            hint="Tables and whatever else such a role owns when it is dropped."
          />
        </>
      )}
    </Part>
  );
}

function Ending({ editor }: { editor: Editor }) {
  const { form } = editor;
  const looks = matters('ungoverned.enforce', form);
  return (
    <Part
      title="How sessions are ended"
      lead="Strongly recommended: with an administrative role Curfew terminates what runs, and looks until it is gone. It needs pg_signal_backend and pg_read_all_stats."
    >
      <TextOf editor={editor} path="admin_login.user" placeholder="curfew_admin" />
      {looks && (
        <>
          <div class="two">
            <TextOf
              editor={editor}
              path="admin_login.password"
              placeholder="/etc/curfew/live/admin"
              hint={secretHint}
            />
            <TextOf editor={editor} path="admin_login.database" placeholder="postgres" />
          </div>
          <div class="two">
            <ChoiceOf
              editor={editor}
              path="ungoverned.enforce"
              choices={withDefault(
                [
                  { value: '', label: 'Report them' },
                  { value: 'terminate', label: 'End them' },
                ],
                'report',
                text(form, 'ungoverned.enforce'),
              )}
            />
            <TextOf editor={editor} path="ungoverned.interval" placeholder="15s" />
          </div>
          <ChoiceOf
            editor={editor}
            path="prepared_transactions"
            choices={withDefault(
              [
                { value: '', label: 'Report them' },
                { value: 'rollback', label: 'Roll them back' },
              ],
              'report',
              text(form, 'prepared_transactions'),
            )}
          />
        </>
      )}
    </Part>
  );
}

function Rest({ editor }: { editor: Editor }) {
  const { form } = editor;
  const used =
    ['tls.certificate', 'tls.key'].some((path) => text(form, path) !== '') ||
    text(form, 'on_store_loss') === 'end' ||
    text(form, 'wind_down') !== '';
  return (
    <Folded title="Winding down, store loss, and a certificate of Curfew's own" open={used}>
      <TextOf
        editor={editor}
        path="wind_down"
        placeholder="30s"
        hint="So long before a session's end no new transaction begins, and an open one may be finished. Empty: never."
      />
      <ChoiceOf
        editor={editor}
        path="on_store_loss"
        hint="What live sessions do while revocations cannot be heard."
        choices={withDefault(
          [
            { value: '', label: 'They go on, to the deadlines that they have' },
            { value: 'end', label: 'They end at once' },
          ],
          'keep-until-deadline',
          text(form, 'on_store_loss'),
        )}
      />
      {matters('tls.certificate', form) && (
        <div class="two">
          <TextOf
            editor={editor}
            path="tls.certificate"
            hint="A file, below live.files: for roles that PostgreSQL knows by certificate."
          />
          <TextOf editor={editor} path="tls.key" hint="A file, below live.files." />
        </div>
      )}
    </Folded>
  );
}

export function ResourceFields({ editor }: { editor: Editor }) {
  const attributes = pairs(editor.form, 'attributes');
  return (
    <>
      <Part title="About">
        {editor.isNew && (
          <NameOf
            editor={editor}
            hint="What people name as their database: psql dbname=NAME. It stays the same from then on."
          />
        )}
        <TextOf editor={editor} path="description" hint="What it is, to those who may ask for it." />
        <PairsOf
          editor={editor}
          path="attributes"
          hint={
            attributes.length
              ? 'Rules that name these cover it.'
              : 'For rules to go by: one for env=prod covers all that have it.'
          }
        />
      </Part>
      <Server editor={editor} />
      <Login editor={editor} />
      <Ending editor={editor} />
      <Part title="Recording">
        <RecordingOf
          editor={editor}
          hint="Of all of its sessions. The rules that access is approved under may ask for more."
        />
      </Part>
      <Rest editor={editor} />
    </>
  );
}
