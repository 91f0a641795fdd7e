// The first migration: every table of the system. Never edited after release; later changes only expand.

export const name = '0001-tables'

export const up = `
create table organizations (
  id uuid primary key,
  name text not null,
  currency char(3) not null,
  timezone text not null,
  locale text not null,
  contact_text text not null default '',
  settings jsonb not null default '{}',
  key_fingerprint text,
  created_at timestamptz not null default now()
);

create table users (
  id uuid primary key,
  org_id uuid not null references organizations,
  email text not null unique check (email = lower(email)),
  name text not null default '',
  password_hash text not null,
  role text not null check (role in ('admin','manager','employee','customer')),
  requested_role text check (requested_role in ('admin','manager','employee','customer')),
  status text not null check (status in ('active','pending','disabled')),
  manager_id uuid references users,
  token_version int not null default 0,
  created_at timestamptz not null default now(),
  last_login_at timestamptz
);
create index users_manager on users (manager_id);

create table invites (
  id uuid primary key,
  org_id uuid not null references organizations,
  role text not null check (role in ('admin','manager','employee','customer')),
  email text,
  token_hash bytea not null unique,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_by uuid not null references users,
  created_at timestamptz not null default now()
);

-- Sessions and their ownership. The session's id is the user's id.
create table session (
  id uuid primary key references users on delete cascade,
  desired text not null check (desired in ('connected','stopped','suspended')),
  reason text,
  phone text,
  lid text,
  push_name text,
  connected_at timestamptz,
  last_seen_at timestamptz,
  last_error_code text,
  last_error_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table node (
  incarnation uuid primary key,
  id text not null,
  url text,
  version text not null,
  started_at timestamptz not null default now(),
  expires_at timestamptz not null,
  dead_at timestamptz
);

create table lease (
  session_id uuid primary key,
  owner uuid,
  epoch bigint not null
) with (fillfactor = 70);

create sequence epoch_seq;

-- Auth state: opaque encrypted bytes. key.id is a keyed hash (HMAC), never a phone number or LID in clear.
create table creds (
  session_id uuid primary key,
  data bytea not null,
  updated_at timestamptz not null default now()
);

create table key (
  session_id uuid not null,
  type text not null,
  id bytea not null,
  value bytea not null,
  primary key (session_id, type, id)
) with (fillfactor = 80);

create table customers (
  id uuid primary key,
  org_id uuid not null references organizations,
  display_name text not null default '',
  language text,
  opted_out_at timestamptz,
  consent_source text,
  consent_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null default now()
);

create table customer_identities (
  org_id uuid not null references organizations,
  kind text not null check (kind in ('phone','lid')),
  value text not null,
  customer_id uuid not null references customers,
  created_at timestamptz not null default now(),
  primary key (org_id, kind, value)
);
create index customer_identities_customer on customer_identities (customer_id);

create table contacts (
  id uuid primary key,
  user_id uuid not null references users,
  customer_id uuid not null references customers,
  name text not null,
  tags text[] not null default '{}',
  created_at timestamptz not null default now(),
  unique (user_id, customer_id)
);

create table conversations (
  id uuid primary key,
  user_id uuid not null references users,
  customer_id uuid not null references customers,
  unread int not null default 0,
  last_message_id uuid,
  last_message_at timestamptz,
  reply_address bytea,
  bot_paused_until timestamptz,
  bot_pause_reason text,
  handoff_at timestamptz,
  loop_strikes int not null default 0,
  created_at timestamptz not null default now(),
  unique (user_id, customer_id)
);

create table messages (
  id uuid primary key,
  conversation_id uuid not null references conversations,
  user_id uuid not null references users,
  wa_message_id text not null,
  from_me boolean not null,
  author text not null check (author in ('customer','bot','user','phone','system')),
  author_id uuid,
  type text not null,
  text text,
  media jsonb,
  quoted_wa_id text,
  status text not null check (status in ('received','queued','sent','delivered','read','failed')),
  error_code text,
  order_id uuid,
  wa_timestamp timestamptz not null,
  created_at timestamptz not null default now(),
  edited_at timestamptz,
  revoked_at timestamptz,
  expires_at timestamptz,
  -- One chat is one customer of one user, however it is addressed; the sender is us or the customer.
  unique (user_id, conversation_id, from_me, wa_message_id)
);
create index messages_history on messages (conversation_id, id desc);

create table bot_prompts (
  conversation_id uuid primary key references conversations on delete cascade,
  kind text not null check (kind in ('confirm','choice','qty','page')),
  payload jsonb not null,
  wa_message_id text,
  expires_at timestamptz not null,
  version int not null default 1
);

-- The journal: what was decrypted, stored with the ratchet step that decrypted it. payload is encrypted, and null once processed.
create table inbox (
  id bigint generated always as identity primary key,
  session_id uuid not null,
  hash bytea not null,
  message_key bytea not null,
  payload bytea,
  state text not null check (state in ('new','done')),
  outcome text,
  received_at timestamptz not null default now(),
  done_at timestamptz,
  unique (session_id, hash)
);
create index inbox_new on inbox (session_id, id) where state = 'new';
create index inbox_message on inbox (session_id, message_key);

-- What is to be sent. recipient and payload are encrypted. The WhatsApp id is stored before the first attempt and never changes.
create table outbox (
  id uuid primary key,
  seq bigint generated always as identity,
  session_id uuid not null,
  idem_key text not null,
  wa_msg_id text not null,
  conversation_id uuid not null,
  message_id uuid references messages,
  recipient bytea not null,
  payload bytea not null,
  proactive boolean not null default false,
  state text not null check (state in ('queued','sending','sent','delivered','read','failed','held')),
  attempts int not null default 0,
  epoch_sent bigint,
  next_at timestamptz not null default now(),
  last_error text,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  unique (session_id, idem_key),
  unique (session_id, wa_msg_id)
);
create index outbox_due on outbox (session_id, seq) where state in ('queued','sending','held');

create table categories (
  id uuid primary key,
  org_id uuid not null references organizations,
  parent_id uuid references categories,
  name text not null,
  slug text not null,
  position int not null default 0,
  version int not null default 1,
  created_at timestamptz not null default now(),
  unique (org_id, slug)
);

create table products (
  id uuid primary key,
  org_id uuid not null references organizations,
  category_id uuid references categories,
  name text not null,
  slug text not null,
  description text not null default '',
  status text not null check (status in ('draft','active','archived')),
  whatsapp_product_id text,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (org_id, slug)
);
create index products_listing on products (org_id, status, name, id);

create table variants (
  id uuid primary key,
  org_id uuid not null references organizations,
  product_id uuid not null references products,
  sku text not null,
  name text not null,
  options jsonb not null default '{}',
  price_minor bigint not null check (price_minor >= 0),
  currency char(3) not null,
  tax_rate_bp int not null default 0 check (tax_rate_bp >= 0),
  tax_included boolean not null default true,
  track_stock boolean not null default true,
  low_stock_threshold int not null default 0,
  max_per_order int not null default 999,
  aliases text[] not null default '{}',
  -- Every normal form by which chat may name this variant: full name, SKU, aliases.
  search_keys text[] not null default '{}',
  position int not null default 0,
  created_at timestamptz not null default now()
);
create unique index variants_sku on variants (org_id, lower(sku));
create index variants_product on variants (product_id);
create index variants_search on variants using gin (search_keys);

create table product_images (
  id uuid primary key,
  product_id uuid not null references products on delete cascade,
  position int not null default 0,
  storage_key text not null,
  mime text not null,
  bytes int not null,
  alt text not null default '',
  created_at timestamptz not null default now()
);

create table price_history (
  id uuid primary key,
  variant_id uuid not null references variants,
  price_minor bigint not null,
  valid_from timestamptz not null default now(),
  changed_by uuid
);

create table stock_levels (
  variant_id uuid primary key references variants,
  on_hand int not null check (on_hand >= 0),
  reserved int not null check (reserved >= 0),
  check (reserved <= on_hand)
);

create table orders (
  id uuid primary key,
  org_id uuid not null references organizations,
  number int not null,
  customer_id uuid not null references customers,
  user_id uuid not null references users,
  channel text not null check (channel in ('whatsapp','wa_cart','api','dashboard')),
  status text not null check (status in ('draft','pending','confirmed','processing','shipped','delivered','expired','cancelled','returned')),
  payment_status text not null default 'unpaid' check (payment_status in ('unpaid','partially_paid','paid','partially_refunded','refunded')),
  fulfillment text not null default 'pickup' check (fulfillment in ('pickup','delivery')),
  currency char(3) not null,
  subtotal_minor bigint not null,
  discount_minor bigint not null default 0,
  shipping_minor bigint not null default 0,
  tax_minor bigint not null default 0,
  total_minor bigint not null,
  source_conversation_id uuid,
  source_wa_id text,
  note text not null default '',
  address jsonb,
  cancel_reason text,
  cancel_requested_at timestamptz,
  placed_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  expires_at timestamptz,
  version int not null default 1,
  unique (org_id, number),
  -- The message that placed it places nothing else. No foreign key: the inbox is pruned.
  unique (user_id, source_conversation_id, source_wa_id)
);
create index orders_of_user on orders (user_id, id desc);
create index orders_of_customer on orders (customer_id, id desc);

create table order_lines (
  id uuid primary key,
  order_id uuid not null references orders,
  position int not null,
  variant_id uuid not null references variants,
  sku text not null,
  product_name text not null,
  variant_name text not null,
  quantity int not null check (quantity > 0),
  unit_price_minor bigint not null,
  tax_rate_bp int not null,
  line_subtotal_minor bigint not null,
  line_discount_minor bigint not null default 0,
  line_tax_minor bigint not null default 0,
  line_total_minor bigint not null,
  unique (order_id, position)
);

create table stock_movements (
  id uuid primary key,
  variant_id uuid not null references variants,
  kind text not null check (kind in ('receipt','adjustment','reserve','release','sale','return','writeoff')),
  on_hand_delta int not null,
  reserved_delta int not null,
  on_hand_after int not null,
  reserved_after int not null,
  order_line_id uuid references order_lines,
  reason text not null default '',
  actor_type text not null,
  actor_id uuid,
  at timestamptz not null default now()
);
create index stock_movements_variant on stock_movements (variant_id, id);

create table order_events (
  id uuid primary key,
  order_id uuid not null references orders,
  type text not null,
  from_status text,
  to_status text,
  actor_type text not null,
  actor_id uuid,
  data jsonb not null default '{}',
  at timestamptz not null default now()
);
create index order_events_order on order_events (order_id, id);

create table payments (
  id uuid primary key,
  order_id uuid not null references orders,
  kind text not null check (kind in ('payment','refund')),
  method text not null check (method in ('cash','transfer','card','other')),
  amount_minor bigint not null check (amount_minor > 0),
  reference text not null default '',
  proof_media text,
  at timestamptz not null default now(),
  actor_id uuid
);

create table order_counters (
  org_id uuid primary key references organizations,
  next int not null
);

create table event_log (
  id bigint generated always as identity primary key,
  org_id uuid not null,
  type text not null,
  subject uuid,
  -- The account it belongs to; null is for the whole organisation.
  user_id uuid,
  payload jsonb not null default '{}',
  at timestamptz not null default now()
);

create table idempotency_keys (
  user_id uuid not null,
  route text not null,
  key text not null,
  request_hash bytea not null,
  status int,
  response jsonb,
  created_at timestamptz not null default now(),
  primary key (user_id, route, key)
);

create table audit_log (
  id uuid primary key,
  org_id uuid not null,
  actor_id uuid,
  action text not null,
  subject text,
  before jsonb,
  after jsonb,
  ip text,
  request_id text,
  at timestamptz not null default now()
);
create index audit_log_at on audit_log (org_id, at);

create table daily_counters (
  user_id uuid not null,
  day date not null,
  name text not null,
  count bigint not null default 0,
  primary key (user_id, day, name)
);
`
