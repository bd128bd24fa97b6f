// One place for all of them: `/groups`, `/groups?new=1` and `/groups?name=dba`.
export const groupPath = (name: string) => `/groups?name=${encodeURIComponent(name)}`;
