// What orders need once they move: when their status last changed, what their customer was told about it, and finding what an order line took.

export const name = '0009-orders'

export const up = `
-- When the status last changed; null as long as it is the first.
alter table orders add column status_at timestamptz;
-- The latest message to the customer about the order, and why there is none: opted_out, unreachable.
alter table orders add column notice_message_id uuid;
alter table orders add column notice_problem text check (notice_problem in ('opted_out','unreachable'));

-- A message about an order: until its time has come it may be replaced by a later one, and holds up nothing else of its chat.
alter table outbox add column notice_of uuid;
create index outbox_notices on outbox (notice_of) where notice_of is not null and state in ('queued','sending','held');

-- Drafts and new orders, for whoever lets them expire.
create index orders_waiting on orders (placed_at) where status in ('draft','pending');
create index payments_of_order on payments (order_id, id);

-- What a line took from the stock is read from the ledger. A line that is taken out of an order leaves its movements: they are never changed.
create index stock_movements_line on stock_movements (order_line_id) where order_line_id is not null;
alter table stock_movements drop constraint stock_movements_order_line_id_fkey;
`
