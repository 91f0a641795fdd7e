// What people may be and leave behind: settings that change, customers with notes who may be merged or erased, accounts linked to them,
// conversations that are assigned, and numbers that want no messages after everything else about them is gone.

export const name = '0011-people'

export const up = `
alter table organizations add column version int not null default 1;

alter table customers add column notes text not null default '';
alter table customers add column tags text[] not null default '{}';
alter table customers add column version int not null default 1;
-- Where everything of it went.
alter table customers add column merged_into uuid references customers;
-- Its orders are nobody's any more: the time of the retention is over.
alter table customers add column pseudonymised_at timestamptz;
create index customers_listing on customers (org_id, lower(display_name), id);

-- The customer an account of that role is.
alter table users add column customer_id uuid references customers;
alter table users add column version int not null default 1;
-- Left for good: what they sold and said stays, they do not come back.
alter table users add column deleted_at timestamptz;
create index users_customer on users (customer_id) where customer_id is not null;

alter table invites add column used_by uuid references users;

alter table conversations add column assignee_id uuid references users;
-- What waits for a person, in words that domain/conversation/attention.ts lists.
alter table conversations add column attention text[] not null default '{}';
alter table conversations add column version int not null default 1;
create index conversations_assignee on conversations (assignee_id) where assignee_id is not null;
create index conversations_customer on conversations (customer_id);

-- Who said STOP and was erased: a keyed hash of the number, and nothing else.
create table suppressions (
  org_id uuid not null references organizations,
  hash bytea not null,
  opted_out_at timestamptz not null,
  primary key (org_id, hash)
);

-- What one node does for all: who does it, and until when nobody else may.
create table chores (
  name text primary key,
  holder uuid not null,
  until timestamptz not null
);

-- A message may go before what was sent of it, and is not looked for in a table that has no index for it.
alter table outbox drop constraint if exists outbox_message_id_fkey;

-- What has a file or a place, for as long as that is known.
create index messages_media on messages (id) where media is not null or media_source is not null;
create index messages_expiring on messages (expires_at) where expires_at is not null;

-- An erased or merged customer gets no new chat, contact or identity from somebody who looked a moment before. As a duplicate key, because that
-- is what it is to the one who writes: what was looked up is not so any more; look again. After an insert only, so that a message in a chat that
-- is there costs nothing.
create function customer_is_there() returns trigger language plpgsql as $$
declare
  gone timestamptz;
begin
  -- Locked first and looked at then: one that is being erased at this moment is waited for.
  select deleted_at into gone from customers where id = new.customer_id for share;
  if gone is not null then
    raise unique_violation using message = 'the customer is not there any more';
  end if;
  return null;
end
$$;
create trigger conversation_of_nobody after insert on conversations for each row execute function customer_is_there();
create trigger contact_of_nobody after insert on contacts for each row execute function customer_is_there();
create trigger identity_of_nobody after insert on customer_identities for each row execute function customer_is_there();
`
