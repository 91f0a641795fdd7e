// How a node sees that the names it keeps in memory for chat are no longer those of the catalogue, and which products to read again.

export const name = '0010-catalogue-version'

export const up = `
-- Counts the transactions that changed a name, a SKU, an alias or what is active. The row is locked until such a transaction ends, so that
-- versions are committed in their order and none is seen before an earlier one.
create table catalogue_version (
  org_id uuid primary key,
  version bigint not null,
  xact xid8 not null
);

-- The version that last touched each product; no foreign key: a product that is gone is a change as well.
create table catalogue_changes (
  product_id uuid primary key,
  org_id uuid not null,
  version bigint not null
);
create index catalogue_changes_since on catalogue_changes (org_id, version);

-- At the end of the transaction, so that the lock is its last and shortest. Triggers, because whoever writes a product must not be able to forget.
create function catalogue_changed() returns trigger language plpgsql as $$
declare
  org uuid;
  product uuid;
  now_at bigint;
begin
  if tg_op = 'DELETE' then
    org := old.org_id;
  else
    org := new.org_id;
  end if;
  if tg_table_name = 'products' then
    if tg_op = 'DELETE' then product := old.id; else product := new.id; end if;
  else
    if tg_op = 'DELETE' then product := old.product_id; else product := new.product_id; end if;
  end if;
  insert into catalogue_version as v (org_id, version, xact) values (org, 1, pg_current_xact_id())
    on conflict (org_id) do update set version = v.version + 1, xact = excluded.xact where v.xact <> excluded.xact;
  select version into now_at from catalogue_version where org_id = org;
  insert into catalogue_changes as c (product_id, org_id, version) values (product, org, now_at)
    on conflict (product_id) do update set version = excluded.version where c.version <> excluded.version;
  return null;
end
$$;

create constraint trigger catalogue_changed after insert or delete or update of name, status on products
  deferrable initially deferred for each row execute function catalogue_changed();
create constraint trigger catalogue_changed after insert or delete or update of name, sku, aliases, product_id on variants
  deferrable initially deferred for each row execute function catalogue_changed();
`
