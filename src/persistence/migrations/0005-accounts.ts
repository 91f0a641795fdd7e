// Accounts are looked up by who they are: every message asks whether its other side is one. And tickets for event streams, which any node
// takes, once.

export const name = '0005-accounts'

export const up = `
create index session_phone on session (phone) where phone is not null;
create index session_lid on session (lid) where lid is not null;

-- By the hash of the ticket alone: who reads the table can open no stream.
create table stream_ticket (
  hash bytea primary key,
  user_id uuid not null,
  stream text not null,
  token_version int not null,
  token_exp bigint not null,
  until timestamptz not null
);
create index stream_ticket_until on stream_ticket (until);
`
