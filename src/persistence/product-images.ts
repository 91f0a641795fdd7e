// The pictures of products, bytes and all: they live in the database because every node must show them (docs/adr/0010). A change of a
// picture is a change of its product: the same version, the same lock.

import { createHash } from 'node:crypto'
import { type ImageSize, MAX_IMAGES, movedTo } from '../domain/catalogue/picture.ts'
import { oneLine } from '../domain/contact.ts'
import type { ImageType } from '../domain/conversation/image.ts'
import type { OrgId, ProductId, UserId } from '../domain/ids.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { appendAudit } from './audit.ts'
import type { Database, Queryable, Tx } from './database.ts'
import { appendEvent } from './events.ts'

/** A picture ready to be kept. */
export interface ProductPicture {
  readonly mime: ImageType
  readonly width: number
  readonly height: number
  readonly full: Buffer
  readonly thumb: Buffer
}

export interface ImageView {
  readonly id: string
  readonly alt: string
  readonly position: number
  readonly width: number
  readonly height: number
}

/** The image as it is now, and the product's new version. */
export interface ChangedImage {
  readonly image: ImageView
  readonly version: number
}

/** Who changes a picture of which product; `expectedVersion` is the product's, null for any. */
export interface ImageChange {
  readonly orgId: OrgId
  readonly productId: ProductId
  readonly expectedVersion: number | null
  readonly actor: UserId
}

type ChangeCode = 'not-found' | 'stale-version'

const ABSENT = refuse('not-found', 'There is no such product, or no such picture of it.')
const COLUMNS = 'id, alt, position, width, height'

/** Adds a picture at the end. */
export async function addImage(
  db: Database,
  change: ImageChange,
  made: { readonly alt: string; readonly picture: ProductPicture },
  newId: () => string,
): Promise<Result<ChangedImage, ChangeCode | 'too-many-images'>> {
  const { picture } = made
  return db.transaction(async (tx): Promise<Result<ChangedImage, ChangeCode | 'too-many-images'>> => {
    const version = await takeTurn(tx, change)
    if (!version.ok) return version
    const before = await imagesOf(tx, change.productId)
    if (before.length >= MAX_IMAGES) {
      const message = `A product has at most ${MAX_IMAGES} pictures. Delete one first.`
      return refuse('too-many-images', message, { errors: [{ path: 'image', code: 'too-many-images', message }] })
    }
    const { width, height, mime, full, thumb } = picture
    const position = (before.at(-1)?.position ?? -1) + 1
    const image: ImageView = { id: newId(), alt: oneLine(made.alt), position, width, height }
    const hash = createHash('sha256').update(full).digest('hex')
    await tx.run(
      `insert into product_images (id, product_id, position, storage_key, mime, bytes, alt, width, height)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [image.id, change.productId, position, hash, mime, full.length, image.alt, width, height],
    )
    await tx.run(`insert into image_data (image_id, size, mime, bytes) values (?, 'full', ?, ?), (?, 'thumb', ?, ?)`, [
      ...[image.id, mime, full],
      ...[image.id, mime, thumb],
    ])
    await changed(tx, change, newId, { action: 'product.image-add', after: { imageId: image.id, alt: image.alt } })
    return ok({ image, version: version.value + 1 })
  })
}

/** Changes what is said of a picture, or its place among the product's. */
export async function changeImage(
  db: Database,
  change: ImageChange,
  imageId: string,
  wanted: { readonly alt?: string | undefined; readonly position?: number | undefined },
  newId: () => string,
): Promise<Result<ChangedImage, ChangeCode>> {
  return db.transaction(async (tx): Promise<Result<ChangedImage, ChangeCode>> => {
    const version = await takeTurn(tx, change)
    if (!version.ok) return version
    const images = await imagesOf(tx, change.productId)
    const before = images.find(({ id }) => id === imageId)
    if (before === undefined) return ABSENT
    const alt = wanted.alt === undefined ? before.alt : oneLine(wanted.alt)
    await tx.run('update product_images set alt = ? where id = ?', [alt, imageId])
    const { position = images.indexOf(before) } = wanted
    const order = movedTo(
      images.map(({ id }) => id),
      imageId,
      position,
    )
    await tx.run(
      `update product_images i set position = o.position - 1
       from unnest(?::uuid[]) with ordinality as o (id, position) where i.id = o.id`,
      [order],
    )
    const image = { ...before, alt, position: order.indexOf(imageId) }
    await changed(tx, change, newId, {
      action: 'product.image-change',
      before: { imageId, alt: before.alt, position: before.position },
      after: { imageId, alt, position: image.position },
    })
    return ok({ image, version: version.value + 1 })
  })
}

/** Removes a picture with its bytes. @returns the product's new version */
export async function removeImage(
  db: Database,
  change: ImageChange,
  imageId: string,
  newId: () => string,
): Promise<Result<number, ChangeCode>> {
  return db.transaction(async (tx): Promise<Result<number, ChangeCode>> => {
    const version = await takeTurn(tx, change)
    if (!version.ok) return version
    const [row] = await tx.rows<{ alt: string }>(
      'delete from product_images where id = ? and product_id = ? returning alt',
      [imageId, change.productId],
    )
    if (row === undefined) return ABSENT
    await changed(tx, change, newId, { action: 'product.image-remove', before: { imageId, alt: row.alt } })
    return ok(version.value + 1)
  })
}

export interface ImageBytes {
  readonly mime: string
  readonly bytes: Buffer
  /** Of the full picture: another picture has another. */
  readonly hash: string
  /** Everybody may see it: its product is active. */
  readonly isPublic: boolean
}

/** The bytes of a picture; null when there is none, or not for this viewer. */
export async function readImage(
  q: Queryable,
  orgId: OrgId,
  wanted: { readonly productId: ProductId; readonly imageId: string; readonly size: ImageSize },
  viewer: { readonly staff: boolean },
): Promise<ImageBytes | null> {
  const [row] = await q.rows<ImageBytes>(
    `select d.mime, d.bytes, i.storage_key as hash, p.status = 'active' as "isPublic"
     from product_images i join products p on p.id = i.product_id join image_data d on d.image_id = i.id and d.size = ?
     where i.id = ? and p.id = ? and p.org_id = ? and (? or p.status = 'active')`,
    [wanted.size, wanted.imageId, wanted.productId, orgId, viewer.staff],
  )
  return row ?? null
}

/** A picture of any product, to be sent to a customer; null when there is none. */
export async function imageToSend(
  q: Queryable,
  orgId: OrgId,
  imageId: string,
): Promise<{ readonly mime: ImageType; readonly bytes: Buffer } | null> {
  const [row] = await q.rows<{ mime: ImageType; bytes: Buffer }>(
    `select d.mime, d.bytes from image_data d join product_images i on i.id = d.image_id join products p on p.id = i.product_id
     where d.image_id = ? and d.size = 'full' and p.org_id = ?`,
    [imageId, orgId],
  )
  return row ?? null
}

/** Locks the product's row, so that its pictures are counted and put in order by one at a time. @returns its version */
async function takeTurn(tx: Tx, change: ImageChange): Promise<Result<number, ChangeCode>> {
  const [row] = await tx.rows<{ version: number }>(
    'select version from products where id = ? and org_id = ? for no key update',
    [change.productId, change.orgId],
  )
  if (row === undefined) return ABSENT
  if (change.expectedVersion === null || change.expectedVersion === row.version) return ok(row.version)
  return refuse('stale-version', 'The product was changed meanwhile. Read it again, and decide again.')
}

async function imagesOf(q: Queryable, productId: ProductId): Promise<readonly ImageView[]> {
  return q.rows<ImageView>(`select ${COLUMNS} from product_images where product_id = ? order by position, id`, [
    productId,
  ])
}

async function changed(
  tx: Tx,
  { orgId, productId, actor }: ImageChange,
  newId: () => string,
  entry: { readonly action: string; readonly before?: object; readonly after?: object },
): Promise<void> {
  await tx.run('update products set version = version + 1, updated_at = now() where id = ?', [productId])
  await appendAudit(tx, { id: newId(), orgId, actorId: actor, subject: productId, ...entry })
  await appendEvent(tx, { orgId, type: 'product.updated', subject: productId, userId: null })
}
