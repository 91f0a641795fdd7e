// What a fleet run found, and what of it is wrong. Pure.

export interface FleetResult {
  readonly accounts: number
  /** Open after the kill and the second start. */
  readonly opened: number
  /** Not open then. */
  readonly stuck: number
  /** Over both starts, as WhatsApp saw it. */
  readonly mostHandshakesAtOnce: number
  readonly limit: number
  /** QRs that a linked account asked for. */
  readonly qrs: number
  /** What WhatsApp took from customers meanwhile. */
  readonly messages: number
  /** Of what customers wrote, without a row in `messages` when all is quiet. */
  readonly messagesLost: number
}

/** Of every fleet one account is stuck. */
const STUCK = 1

/** A sentence for each thing that is wrong. */
export function findings(result: FleetResult): string[] {
  const { accounts, stuck, mostHandshakesAtOnce, limit, qrs, messages, messagesLost } = result
  const away = stuck - STUCK
  return [
    ...(away > 0 ? [`${away} of ${accounts} accounts did not come back`] : []),
    ...(away < 0 ? ['the account whose login is never answered was open: the run proves nothing'] : []),
    ...(mostHandshakesAtOnce > limit ? [`${mostHandshakesAtOnce} handshakes at once instead of ${limit} at most`] : []),
    ...(qrs > 0 ? [`linked accounts asked for ${qrs} QRs`] : []),
    ...(messagesLost > 0 ? [`${messagesLost} messages were lost`] : []),
    ...(messages === 0 ? ['no customer wrote: the run proves nothing'] : []),
  ]
}

const COLUMNS = ['accounts', 'opened', 'stuck', 'mostHandshakesAtOnce', 'limit', 'qrs', 'messagesLost'] as const

/** One line, with the columns in their order. */
export function json(result: FleetResult): string {
  return JSON.stringify(Object.fromEntries(COLUMNS.map((name) => [name, result[name]])))
}

export function table(result: FleetResult): string {
  const width = Math.max(...COLUMNS.map((name) => name.length)) + 2
  return COLUMNS.map((name) => `${name.padEnd(width)}${String(result[name]).padStart(8)}`).join('\n')
}
