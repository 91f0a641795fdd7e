// Judges what several processes, a simulator and a database noted while things went wrong: one pass over the merged lines, without any search,
// since every promise is about one key and an order. Says which events break it. What ended without an answer counts as perhaps done.

/** One line of the merged history. `log` names who wrote it: the order within one log is true, between logs only `at` (ms) is known. */
export type HistoryEvent = {
  readonly log: string
  readonly at: number
} & (
  | { readonly ev: 'login'; readonly session: string; readonly epoch: bigint }
  /** As the simulator saw it. */
  | { readonly ev: 'frame'; readonly session: string; readonly epoch: bigint }
  /** A fenced write: whose epoch it was made under, in the order of its serial number. See audit.ts. */
  | { readonly ev: 'write'; readonly session: string; readonly epoch: bigint; readonly serial: bigint }
  /** A customer's order that the simulator took, and what became of it. */
  | { readonly ev: 'ordered'; readonly session: string; readonly message: string }
  | { readonly ev: 'receipt'; readonly session: string; readonly message: string }
  | { readonly ev: 'journaled'; readonly session: string; readonly message: string }
  | { readonly ev: 'order'; readonly session: string; readonly message: string; readonly order: string }
  /** A request with a key, answered with 202 for this row, or not answered. */
  | { readonly ev: 'asked'; readonly key: string }
  | { readonly ev: 'accepted'; readonly key: string; readonly row: string }
  /** A row on the wire, and at the customer. */
  | {
      readonly ev: 'sent'
      readonly session: string
      readonly row: string
      readonly waMessageId: string
      readonly epoch: bigint
    }
  | {
      readonly ev: 'arrived'
      readonly session: string
      readonly chat: string
      readonly row: string
      readonly waMessageId: string
      /** Place of the row among those of its chat. */
      readonly seq: bigint
    }
)

export interface Offence {
  readonly invariant: 'I1' | 'I2' | 'I4' | 'I5' | 'I6' | 'I7'
  readonly says: string
  /** The events that show it, in order; the fewest that do. */
  readonly slice: readonly HistoryEvent[]
}

type Of<Ev extends HistoryEvent['ev']> = Extract<HistoryEvent, { ev: Ev }>

/**
 * Reads JSON lines of several writers into one history, by time and, within one writer, by their order.
 * @param logs name of the writer → its lines; epochs and serials are decimal text there
 * @throws on a line that is not JSON or has no event in it: half a line at the end of a killed writer is left out
 */
export function merge(logs: ReadonlyMap<string, string>): HistoryEvent[] {
  const events = [...logs].flatMap(([log, text]) => {
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    let at = Number.NEGATIVE_INFINITY
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const event = parse(log, line)
        // A clock that was set back does not turn one writer's order around.
        at = Math.max(at, event.at)
        return { event, at }
      })
  })
  return events.toSorted((a, b) => a.at - b.at).map(({ event }) => event)
}

const NUMBERS = ['epoch', 'serial', 'seq'] as const

function parse(log: string, line: string): HistoryEvent {
  const fields = JSON.parse(line) as Record<string, unknown>
  if (typeof fields['ev'] !== 'string' || typeof fields['at'] !== 'number') throw new Error(`not an event: ${line}`)
  const numbers = NUMBERS.filter((name) => name in fields).map((name) => [name, BigInt(String(fields[name]))])
  return { ...fields, ...Object.fromEntries(numbers), log } as HistoryEvent
}

/**
 * @param history merged; frames, receipts and arrivals in the simulator's order
 * @param quiet true when everything had come to rest at the end: only then something missing is lost
 * @returns every offence, the earliest first
 */
export function judge(history: readonly HistoryEvent[], { quiet }: { readonly quiet: boolean }): Offence[] {
  const offences: Offence[] = []
  const offend = (invariant: Offence['invariant'], says: string, ...slice: readonly HistoryEvent[]) =>
    void offences.push({ invariant, says, slice })

  const newest = new Map<string, Of<'login'> | Of<'frame'>>()
  const journaled = new Map<string, HistoryEvent>()
  const orders = new Map<string, Of<'order'>>()
  const ordered = new Map<string, Of<'ordered'>>()
  const accepted = new Map<string, Of<'accepted'>>()
  const arrived = new Map<string, Of<'arrived'>>()
  const lastOfChat = new Map<string, Of<'arrived'>>()
  const sent = new Map<string, Of<'sent'>>()
  const writes: Of<'write'>[] = []

  const one = (event: HistoryEvent): void => {
    switch (event.ev) {
      case 'login':
      case 'frame': {
        const before = newest.get(event.session)
        if (before !== undefined && event.epoch < before.epoch)
          offend('I1', `${event.session}: epoch ${event.epoch} is heard after ${before.epoch}`, before, event)
        else newest.set(event.session, event)
        return
      }
      case 'write':
        return void writes.push(event)
      case 'ordered':
        return void ordered.set(messageOf(event), event)
      case 'journaled':
        return void journaled.set(messageOf(event), event)
      case 'receipt':
        if (!journaled.has(messageOf(event)))
          offend('I4', `${event.message} was acknowledged and not journaled before`, event)
        return
      case 'order': {
        const before = orders.get(messageOf(event))
        if (before === undefined) orders.set(messageOf(event), event)
        else if (before.order !== event.order) offend('I5', `${event.message} placed two orders`, before, event)
        return
      }
      case 'asked':
        return
      case 'accepted': {
        const before = accepted.get(event.key)
        if (before === undefined) accepted.set(event.key, event)
        else if (before.row !== event.row) offend('I6', `one key became two messages: ${event.key}`, before, event)
        return
      }
      case 'sent': {
        const before = sent.get(event.row)
        if (before !== undefined && before.waMessageId !== event.waMessageId)
          offend('I7', `message ${event.row} was sent under two ids`, before, event)
        if (before !== undefined && event.epoch < before.epoch)
          offend('I7', `message ${event.row} was sent under ${event.epoch} after ${before.epoch}`, before, event)
        if (before === undefined || event.epoch >= before.epoch) sent.set(event.row, event)
        return
      }
      case 'arrived': {
        const before = arrived.get(event.row)
        if (before !== undefined) return offend('I6', `message ${event.row} is shown twice`, before, event)
        arrived.set(event.row, event)
        const chat = `${event.session}|${event.chat}`
        const last = lastOfChat.get(chat)
        if (last !== undefined && event.seq < last.seq)
          offend('I6', `message ${event.row} is shown after one that was stored later`, last, event)
        else lastOfChat.set(chat, event)
      }
    }
  }
  for (const event of history) one(event)

  const written = new Map<string, Of<'write'>>()
  for (const write of writes.toSorted((a, b) => (a.serial < b.serial ? -1 : 1))) {
    const before = written.get(write.session)
    if (before !== undefined && write.epoch < before.epoch)
      offend(
        'I2',
        `${write.session}: a write of epoch ${write.epoch} commits after one of ${before.epoch}`,
        before,
        write,
      )
    else written.set(write.session, write)
  }
  if (quiet) {
    for (const [message, event] of ordered)
      if (!orders.has(message)) offend('I4', `the order ${event.message} is lost`, event)
    for (const event of accepted.values())
      if (!arrived.has(event.row)) offend('I6', `message ${event.row} was accepted and never arrived`, event)
  }
  return offences.toSorted((a, b) => (a.slice.at(-1)?.at ?? 0) - (b.slice.at(-1)?.at ?? 0))
}

function messageOf({ session, message }: { readonly session: string; readonly message: string }): string {
  return `${session}|${message}`
}

/** An offence as a person reads it. */
export function tellOffence({ invariant, says, slice }: Offence): string {
  const line = (event: HistoryEvent) => {
    const { log, at, ev, ...rest } = event
    const details = Object.entries(rest).map(([name, value]) => `${name} ${value}`)
    return `  ${at} ${log}: ${ev} ${details.join(' ')}`
  }
  return [`${invariant} broke: ${says}`, ...slice.map(line)].join('\n')
}

/** What happened to one session, oldest first. */
export function timelineOf(history: readonly HistoryEvent[], session: string): HistoryEvent[] {
  return history.filter((event) => 'session' in event && event.session === session)
}
