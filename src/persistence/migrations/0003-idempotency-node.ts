// Which node runs the request of a key: when that node is dead, another may run it at once.

export const name = '0003-idempotency-node'

export const up = `
alter table idempotency_keys add column node uuid;
`
