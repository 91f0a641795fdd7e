// The ledger of stock becomes one that nobody rewrites, levels tell when they run low or out, and what could not be sold is kept.

export const name = '0008-stock-ledger'

export const up = `
-- Ids are made before the level is locked, this number after: it is the order in which a level went from one movement to the next.
alter table stock_movements add column seq bigint generated always as identity;
create unique index stock_movements_seq on stock_movements (seq);
create index stock_movements_history on stock_movements (variant_id, seq);

create function stock_movement_is_history() returns trigger language plpgsql as $$
begin
  raise exception 'stock_movements is append-only: write another movement' using errcode = 'restrict_violation';
end
$$;
create trigger stock_movement_is_history before update or delete on stock_movements
  for each row execute function stock_movement_is_history();

-- A copy of variants.low_stock_threshold, so that whether a level crosses it is seen in the row that changes: the condition of the trigger
-- below costs an order nothing but a comparison. Kept by triggers, because a node of the version before writes both tables too.
alter table stock_levels add column low_threshold int not null default 0;
update stock_levels s set low_threshold = v.low_stock_threshold from variants v where v.id = s.variant_id;

create function stock_level_takes_threshold() returns trigger language plpgsql as $$
begin
  select v.low_stock_threshold into new.low_threshold from variants v where v.id = new.variant_id;
  new.low_threshold := coalesce(new.low_threshold, 0);
  return new;
end
$$;
create trigger stock_level_takes_threshold before insert on stock_levels
  for each row execute function stock_level_takes_threshold();

create function stock_level_follows_threshold() returns trigger language plpgsql as $$
begin
  update stock_levels set low_threshold = new.low_stock_threshold where variant_id = new.id;
  return null;
end
$$;
create trigger stock_level_follows_threshold after update of low_stock_threshold on variants
  for each row when (old.low_stock_threshold <> new.low_stock_threshold) execute function stock_level_follows_threshold();

create function stock_level_crossed() returns trigger language plpgsql as $$
begin
  insert into event_log (org_id, type, subject, payload)
  select v.org_id, case when new.on_hand - new.reserved <= 0 then 'stock.out' else 'stock.low' end, v.id,
    jsonb_build_object('available', new.on_hand - new.reserved, 'threshold', new.low_threshold)
  from variants v where v.id = new.variant_id and v.track_stock;
  return null;
end
$$;
create trigger stock_level_crossed after update of on_hand, reserved on stock_levels for each row
  when ((old.on_hand - old.reserved > new.low_threshold and new.on_hand - new.reserved <= new.low_threshold)
    or (old.on_hand - old.reserved > 0 and new.on_hand - new.reserved <= 0))
  execute function stock_level_crossed();

-- What somebody wanted and did not get. The words they asked with are kept of customers only, and go when the customer is erased.
create table lost_sales (
  id uuid primary key,
  org_id uuid not null references organizations,
  -- The account they asked.
  user_id uuid not null references users,
  customer_id uuid references customers,
  reason text not null check (reason in ('out_of_stock','not_found')),
  variant_id uuid references variants on delete cascade,
  asked_key text,
  quantity int not null check (quantity > 0),
  available int not null default 0 check (available >= 0),
  -- What one would have cost at that time.
  unit_price_minor bigint,
  at timestamptz not null default now(),
  check ((reason = 'out_of_stock') = (variant_id is not null)),
  check ((reason = 'not_found') = (asked_key is not null)),
  check (asked_key is null or customer_id is not null)
);
create index lost_sales_at on lost_sales (org_id, at);
create index lost_sales_customer on lost_sales (customer_id);
create index lost_sales_variant on lost_sales (variant_id);

-- What reports read: orders by the day they were placed.
create index orders_placed_at on orders (org_id, placed_at);
`
