// The ids of the domain, as distinct string types. All are UUIDv7 strings made by the shell and passed in.

declare const brand: unique symbol
type Id<Name extends string> = string & { readonly [brand]: Name }

export type OrgId = Id<'org'>
export type UserId = Id<'user'>
/** The session of a user has the user's id. */
export type SessionId = UserId
export type CustomerId = Id<'customer'>
export type ContactId = Id<'contact'>
export type ConversationId = Id<'conversation'>
export type MessageId = Id<'message'>
export type OutboxId = Id<'outbox'>
export type CategoryId = Id<'category'>
export type ProductId = Id<'product'>
export type VariantId = Id<'variant'>
export type OrderId = Id<'order'>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** True for a lower-case UUID string: the only form ids have in this system. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/** Takes a checked string for an id of the wanted kind. Call it at borders only (HTTP, database, wire). */
export function asId<T extends Id<string>>(text: string): T {
  return text as T
}

/** Proof of ownership that travels with every write made for a session: who owns it, under which epoch. */
export interface Fence {
  readonly session: SessionId
  /** Incarnation (UUID) of the owning node. */
  readonly owner: string
  /** From one global sequence; a later owner always has a greater one. */
  readonly epoch: bigint
}
