// What a shop remembers for a moment of somebody who is no contact: under a keyed hash of the number, never the number, the name or a word.

export const name = '0013-strangers'

export const up = `
-- What somebody wants to buy who has not yet said that their number may be kept. Gone after a quarter of an hour, or with a NO.
create table pending_intents (
  session_id uuid not null,
  hash bytea not null,
  variant_id uuid not null,
  quantity int not null check (quantity > 0),
  -- What it cost when it was asked about.
  price_minor bigint not null,
  expires_at timestamptz not null,
  primary key (session_id, hash, variant_id)
);
create index pending_intents_expiry on pending_intents (expires_at);

-- How often somebody was answered, so that nobody is answered without end.
create table stranger_answers (
  session_id uuid not null,
  hash bytea not null,
  since timestamptz not null,
  count int not null,
  helped_at timestamptz,
  primary key (session_id, hash)
);
create index stranger_answers_since on stranger_answers (since);

-- An answer to a stranger has no message and no chat; who it goes to and what it says is emptied when it has arrived.
alter table outbox add column stranger boolean not null default false;
create index outbox_strangers on outbox (created_at) where stranger and octet_length(recipient) > 0;
`
