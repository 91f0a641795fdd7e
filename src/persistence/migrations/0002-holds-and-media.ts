// How long an account may not write to strangers, what people answered to a message with a reaction, and where WhatsApp keeps the file of
// a message.

export const name = '0002-holds-and-media'

export const up = `
alter table session add column cold_hold_until timestamptz;

-- Per side one: who ('customer' or 'phone') and the emoji.
alter table messages add column reactions jsonb;
-- Sealed: path and key of the file at WhatsApp's media host.
alter table messages add column media_source bytea;
`
