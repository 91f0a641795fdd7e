// Whether a message has done something that changing its text does not undo.

export const name = '0014-edits'

export const up = `
alter table messages add column acted boolean not null default false;
`
