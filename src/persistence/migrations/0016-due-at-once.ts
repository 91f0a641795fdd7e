// A message is due the moment it is stored, whatever the clocks say: the database wrote its own time, and a node whose clock was behind it,
// if only by less than a millisecond, found the message not due yet and let it wait.

export const name = '0016-due-at-once'

export const up = `
alter table outbox alter column next_at set default 'epoch';
`
