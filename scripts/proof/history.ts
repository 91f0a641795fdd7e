// What one trial left behind, as the checker reads it: what WhatsApp saw from outside, and what is in the database when all is quiet.

export interface Accepted {
  readonly id: string
  /** Digits of the account's number. */
  readonly account: string
  readonly customer: string
  readonly text: string
}

export interface Received {
  readonly account: string
  readonly customer: string
  readonly id: string
  readonly text: string
  /** How many times this id came. */
  readonly count: number
}

export interface StaffSent {
  readonly account: string
  readonly customer: string
  readonly text: string
  /** The API said 2xx in the end. */
  readonly accepted: boolean
}

export interface Order {
  readonly label: string
  readonly account: string
  /** The message that placed it. */
  readonly sourceId: string | null
  readonly lines: readonly { readonly product: string; readonly quantity: number }[]
}

export interface Level {
  readonly product: string
  readonly onHand: number
  readonly reserved: number
}

export interface History {
  /** Messages of contacts that WhatsApp took. */
  readonly accepted: readonly Accepted[]
  /** Ids of theirs that have a row in `messages`, each once per account: `account/id`. */
  readonly stored: ReadonlySet<string>
  /** Ids whose receipt had arrived when the server was killed, and that were in neither the journal nor `messages`: `account/id`. */
  readonly receiptsTooEarly: ReadonlySet<string>
  readonly orders: readonly Order[]
  readonly levels: readonly Level[]
  /** What customers received and could read. */
  readonly received: readonly Received[]
  readonly staff: readonly StaffSent[]
  /** Ids of contacts' messages that the server asked for again or refused as unreadable, and of ours that a customer could not read. */
  readonly unreadable: ReadonlySet<string>
}

export interface Counts {
  readonly messages: number
  readonly lost: number
  readonly ordersExpected: number
  readonly ordersLost: number
  readonly ordersDuplicated: number
  readonly repliesLost: number
  readonly repliesDuplicated: number
  readonly resends: number
  readonly undecryptable: number
}

export const NO_COUNTS: Counts = {
  messages: 0,
  lost: 0,
  ordersExpected: 0,
  ordersLost: 0,
  ordersDuplicated: 0,
  repliesLost: 0,
  repliesDuplicated: 0,
  resends: 0,
  undecryptable: 0,
}

export function addCounts(one: Counts, other: Counts): Counts {
  return {
    messages: one.messages + other.messages,
    lost: one.lost + other.lost,
    ordersExpected: one.ordersExpected + other.ordersExpected,
    ordersLost: one.ordersLost + other.ordersLost,
    ordersDuplicated: one.ordersDuplicated + other.ordersDuplicated,
    repliesLost: one.repliesLost + other.repliesLost,
    repliesDuplicated: one.repliesDuplicated + other.repliesDuplicated,
    resends: one.resends + other.resends,
    undecryptable: one.undecryptable + other.undecryptable,
  }
}

/** Everything that may not happen: all columns but the sizes and the resends. */
export function faults(counts: Counts): number {
  const { lost, ordersLost, ordersDuplicated, repliesLost, repliesDuplicated, undecryptable } = counts
  return lost + ordersLost + ordersDuplicated + repliesLost + repliesDuplicated + undecryptable
}
