// What nodes tell of themselves to the others, and how a session that waits for a node is found without looking at those that do not.

export const name = '0004-cluster'

export const up = `
-- The defaults are what a node of the version before is: it says none of this.
alter table node add column role text not null default 'all' check (role in ('all','edge','worker'));
alter table node add column capacity int not null default 500;
alter table node add column draining boolean not null default false;
alter table node add column sessions int not null default 0;
alter table node add column loop_lag_ms double precision not null default 0;
alter table node add column rss_mb double precision not null default 0;
alter table node add column lease_slack_ms double precision not null default 0;

-- A dead node's sessions, and (where it is null) those that are nobody's; by epoch, for a node that looks for what is newly its own.
create index lease_owner on lease (owner, epoch);

-- Every session that should be connected has a row in lease, so that one that is nobody's is found by that index and not by looking for
-- what is missing. A trigger, because whoever says what is wanted (a node of the version before, too) must not be able to forget it.
create function session_wants_owner() returns trigger language plpgsql as $$
begin
  insert into lease (session_id, owner, epoch) values (new.id, null, 0) on conflict do nothing;
  return null;
end
$$;
create trigger session_wants_owner after insert or update of desired on session
  for each row when (new.desired = 'connected') execute function session_wants_owner();

insert into lease (session_id, owner, epoch) select id, null, 0 from session where desired = 'connected' on conflict do nothing;
`
