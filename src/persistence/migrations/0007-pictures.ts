// Pictures of products: their bytes, so that every node can show them, and what is known of them without reading those.

export const name = '0007-pictures'

export const up = `
alter table product_images add column width int not null default 0;
alter table product_images add column height int not null default 0;
create index product_images_product on product_images (product_id, position, id);

-- Compressed already: stored as they are.
create table image_data (
  image_id uuid not null references product_images on delete cascade,
  size text not null check (size in ('full','thumb')),
  mime text not null,
  bytes bytea not null,
  primary key (image_id, size)
);
alter table image_data alter column bytes set storage external;
`
