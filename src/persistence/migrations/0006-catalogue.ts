// The catalogue that can be changed: the names by which chat knows what is sold, each of one product; what lists sort by and search in,
// beside the product; versions of variants; and a ledger that outlives what it speaks of.

export const name = '0006-catalogue'

export const up = `
alter table variants add column version int not null default 1;
alter table products
  -- Of its variants; null while it has none.
  add column min_price_minor bigint,
  -- Name, SKUs, aliases and normal forms, in lower case: what a search looks through.
  add column search_text text not null default '';

-- Each name, in its normal form, belongs to one active product: two that were made or changed at the same instant cannot both have it.
create table chat_names (
  org_id uuid not null references organizations,
  key text not null,
  product_id uuid not null references products on delete cascade,
  primary key (org_id, key)
);
create index chat_names_product on chat_names (product_id);

-- What is written beside a product follows its variants, whoever writes them: a node of the version before, or an import.
create function product_follows_variants(ids uuid[]) returns void language plpgsql as $$
begin
  delete from chat_names n where n.product_id = any(ids) and not exists (
    select 1 from products p join variants v on v.product_id = p.id
    where p.id = n.product_id and p.status = 'active' and n.key = any(v.search_keys));
  insert into chat_names (org_id, key, product_id)
    select distinct p.org_id, k.key, p.id
    from products p join variants v on v.product_id = p.id cross join lateral unnest(v.search_keys) as k(key)
    where p.id = any(ids) and p.status = 'active' and k.key <> ''
      and not exists (select 1 from chat_names n where n.org_id = p.org_id and n.key = k.key and n.product_id = p.id);
  update products p set min_price_minor = a.least, search_text = a.words
    from (
      select q.id, min(v.price_minor) as least,
        lower(q.name || coalesce(string_agg(concat_ws(chr(10), '', v.name, v.sku, array_to_string(v.aliases, chr(10)),
          array_to_string(v.search_keys, chr(10))), '' order by v.position, v.id), '')) as words
      from products q left join variants v on v.product_id = q.id where q.id = any(ids) group by q.id
    ) a
    where p.id = a.id and (p.min_price_minor, p.search_text) is distinct from (a.least, a.words);
end
$$;

create function variants_came() returns trigger language plpgsql as $$
begin
  perform product_follows_variants(array(select distinct product_id from came));
  return null;
end
$$;
create function variants_changed() returns trigger language plpgsql as $$
begin
  perform product_follows_variants(array(
    select product_id from (
      select n.product_id from came n join went o on o.id = n.id
      where (n.product_id, n.search_keys, n.price_minor, n.name, n.sku, n.aliases)
        is distinct from (o.product_id, o.search_keys, o.price_minor, o.name, o.sku, o.aliases)
      union
      select o.product_id from came n join went o on o.id = n.id where n.product_id <> o.product_id
    ) affected));
  return null;
end
$$;
create function variants_went() returns trigger language plpgsql as $$
begin
  perform product_follows_variants(array(select distinct product_id from went));
  return null;
end
$$;
create function product_changed() returns trigger language plpgsql as $$
begin
  perform product_follows_variants(array[new.id]);
  return null;
end
$$;
create trigger variants_came after insert on variants
  referencing new table as came for each statement execute function variants_came();
create trigger variants_changed after update on variants
  referencing old table as went new table as came for each statement execute function variants_changed();
create trigger variants_went after delete on variants
  referencing old table as went for each statement execute function variants_went();
create trigger product_changed after update of name, status on products
  for each row when (old.name is distinct from new.name or old.status is distinct from new.status) execute function product_changed();

-- Names that two have already stay with the elder, which is what chat has answered with so far.
insert into chat_names (org_id, key, product_id)
  select distinct on (p.org_id, k.key) p.org_id, k.key, p.id
  from products p join variants v on v.product_id = p.id cross join lateral unnest(v.search_keys) as k(key)
  where p.status = 'active' and k.key <> '' order by p.org_id, k.key, p.id;
select product_follows_variants(array(select id from products p where not exists (
  select 1 from variants v cross join lateral unnest(v.search_keys) as k(key) join chat_names n on n.org_id = p.org_id and n.key = k.key
  where v.product_id = p.id and p.status = 'active' and n.product_id <> p.id)));

create index products_by_name on products (org_id, status, lower(name), id);
create index products_by_price on products (org_id, status, min_price_minor, id);
create index products_by_age on products (org_id, status, id);
create index products_category on products (category_id, status);
create index price_history_variant on price_history (variant_id, id);

-- The ledger is never changed, not even when what it speaks of is removed: it closes with the level at nought, and stays.
alter table stock_movements drop constraint stock_movements_variant_id_fkey;

-- Search needs it to be fast, not to be right: a server that has it not, or gives it not, reads all names.
do $$
begin
  create extension if not exists pg_trgm;
  create index products_search on products using gin (search_text gin_trgm_ops)
    -- What waits to be sorted in is read by every search: little of it.
    with (gin_pending_list_limit = 256);
exception when feature_not_supported or undefined_file or insufficient_privilege or undefined_object then
  raise notice 'pg_trgm is not to be had: search goes through all names';
end
$$;
`
