// Forms for users, groups, resources and rules: what the API shows of an object becomes the values of fields, and these
// become what is sent. Members that no field is for are kept as they are, so that a form never undoes what it does not know.

export type Kind = 'text' | 'lines' | 'names' | 'pairs' | 'flag' | 'number' | 'duration' | 'choice' | 'file';
// text, number, duration, choice and file are text; lines is text of several lines; names are a list; flag is yes or no.
export type Value = string | boolean | string[] | [string, string][];

export interface FieldSpec {
  path: string; // the member of the object, as `allowed_times.windows`
  kind: Kind;
  label: string;
}

export type Form = Record<string, Value>; // by path

type Json = unknown;
export type Settings = Record<string, Json>;

// What the server tells of an object beside its settings.
const told = new Set([
  'name',
  'declared',
  'changed_at',
  'changed_by',
  'groups',
  'administrator',
  'has_password',
]);

function isObject(value: Json): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNothing(value: Json): boolean {
  return (
    value === null ||
    value === undefined ||
    value === '' ||
    (Array.isArray(value) && value.length === 0) ||
    (isObject(value) && Object.keys(value).length === 0)
  );
}

// Without what has nothing in it: that is what the server fills in by itself.
function pruned(value: Json): Json {
  if (!isObject(value)) return value;
  const kept: Settings = {};
  for (const [name, member] of Object.entries(value)) {
    const inner = pruned(member);
    if (!isNothing(inner)) kept[name] = inner;
  }
  return kept;
}

// The settings of an object as the API shows it: what can be sent again, and changes nothing then.
export function settingsShown(shown: object): Settings {
  const settings: Settings = {};
  for (const [name, member] of Object.entries(pruned(shown) as Settings)) {
    if (!told.has(name)) settings[name] = member;
  }
  return settings;
}

function read(settings: Settings, path: string): Json {
  return path.split('.').reduce<Json>((at, name) => (isObject(at) ? at[name] : undefined), settings);
}

// With nothing the member goes, and with the last member of an inner object that object.
function write(settings: Settings, path: string, value: Json): Settings {
  const [name = '', ...rest] = path.split('.');
  const inside = settings[name];
  const inner = rest.length === 0 ? value : write(isObject(inside) ? inside : {}, rest.join('.'), value);
  const { [name]: _, ...others } = settings;
  return isNothing(inner) ? others : { ...settings, [name]: inner };
}

function valueOf(kind: Kind, json: Json): Value {
  switch (kind) {
    case 'flag':
      return json === true;
    case 'names':
      return Array.isArray(json) ? json.map(String) : [];
    case 'lines':
      return Array.isArray(json) ? json.map(String).join('\n') : '';
    case 'pairs':
      return isObject(json)
        ? Object.entries(json).map(([name, text]): [string, string] => [name, String(text)])
        : [];
    case 'file':
      return isObject(json) && typeof json['file'] === 'string' ? json['file'] : '';
    default:
      return isNothing(json) ? '' : String(json);
  }
}

function jsonOf(kind: Kind, value: Value): Json {
  switch (kind) {
    case 'flag':
      return value === true ? true : undefined; // every flag is off unless said otherwise
    case 'names':
      return value;
    case 'lines':
      return String(value)
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean);
    case 'pairs':
      return Object.fromEntries((value as [string, string][]).filter(([name]) => name.trim() !== ''));
    case 'file':
      return value === '' ? undefined : { file: String(value).trim() };
    case 'number':
      return /^\d+$/.test(String(value).trim()) ? Number(value) : String(value).trim();
    default:
      return String(value).trim();
  }
}

// The values that a form starts with: of `shown`, or all empty.
export function formOf(specs: FieldSpec[], shown?: object): Form {
  const settings = shown ? settingsShown(shown) : {};
  return Object.fromEntries(specs.map(({ path, kind }) => [path, valueOf(kind, read(settings, path))]));
}

// What is sent. What is empty is left out, and gets its default; what `shown` has beside the fields is kept.
export function settingsOf(specs: FieldSpec[], form: Form, shown?: object): Settings {
  let settings = shown ? settingsShown(shown) : {};
  for (const { path, kind } of specs) settings = write(settings, path, jsonOf(kind, form[path] ?? ''));
  return settings;
}

export function isSame(one: Value | undefined, other: Value | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

// A value as people read it in a sentence or a table.
export function sayValue(value: Value | undefined): string {
  if (value === undefined || value === '') return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value.split('\n').join(', ');
  if (value.length === 0) return 'nothing';
  return value.map((one) => (typeof one === 'string' ? one : `${one[0]}=${one[1]}`)).join(', ');
}

export const text = (form: Form, path: string): string => (typeof form[path] === 'string' ? form[path] : '');
export const names = (form: Form, path: string): string[] => {
  const value = form[path];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
};
export const flag = (form: Form, path: string): boolean => form[path] === true;
export const pairs = (form: Form, path: string): [string, string][] => {
  const value = form[path];
  return Array.isArray(value) ? value.filter((one): one is [string, string] => Array.isArray(one)) : [];
};
