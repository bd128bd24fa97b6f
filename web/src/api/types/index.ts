// What the API's objects look like: api/openapi.yaml is the contract. Times are RFC 3339 in UTC, durations text as `1h30m`.
export type * from './catalogue';
export type * from './commands';
export type * from './common';
export type * from './history';
export type * from './nodes';
export type * from './objects';
export type * from './people';
export type * from './requests';
export type * from './rules';
export type * from './sessions';
