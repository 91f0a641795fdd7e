// Who a stanza is about: the chat's JID, phone number and LID, read from its attributes. Whether the person is a customer is decided elsewhere.

/** The attributes of a `<message>` stanza, as WhatsApp sent them. */
export type StanzaAttrs = Readonly<Record<string, string>>

export interface Chat {
  /** The address the chat used, without a device part: where an answer goes. */
  readonly jid: string
  /** Digits without `+`. */
  readonly phone: string | null
  /** Digits before `@lid`. */
  readonly lid: string | null
}

export interface Jid {
  readonly user: string
  readonly kind: 'phone' | 'lid' | 'other'
  readonly server: string
}

const KINDS: Readonly<Record<string, Jid['kind']>> = {
  's.whatsapp.net': 'phone',
  'c.us': 'phone',
  hosted: 'phone',
  lid: 'lid',
  'hosted.lid': 'lid',
}

/** Splits a JID; the device (`:0`) and agent (`_1`) parts are dropped. Null when there is no user in it. */
export function parseJid(jid: string | null | undefined): Jid | null {
  const at = jid?.indexOf('@') ?? -1
  if (!jid || at < 1) return null
  const user = jid.slice(0, at).split(/[:_]/, 1)[0] ?? ''
  const server = jid.slice(at + 1)
  return user === '' ? null : { user, server, kind: KINDS[server] ?? 'other' }
}

/** The same person's address without device part, in the form WhatsApp takes messages for. */
export function plainJid(jid: string): string {
  const parsed = parseJid(jid)
  if (parsed === null) return jid
  if (parsed.kind === 'phone') return `${parsed.user}@s.whatsapp.net`
  return `${parsed.user}@${parsed.kind === 'lid' ? 'lid' : parsed.server}`
}

/**
 * The chat of a stanza. One that a device of ours sent names the other side as `recipient`; of its alternatives only those of the
 * recipient count, for `sender_*` is ourselves then.
 */
export function chatOf(attrs: StanzaAttrs): Chat {
  const ours = (attrs['recipient'] ?? '') !== ''
  const jid = plainJid((ours ? attrs['recipient'] : attrs['from']) ?? '')
  const alternatives = ours
    ? ['peer_recipient_pn', 'recipient_pn', 'peer_recipient_lid', 'recipient_lid']
    : ['sender_pn', 'participant_pn', 'sender_lid', 'participant_lid']
  const named = [jid, ...alternatives.map((name) => attrs[name])].map(parseJid)
  return {
    jid,
    phone: named.find((each) => each?.kind === 'phone')?.user ?? null,
    lid: named.find((each) => each?.kind === 'lid')?.user ?? null,
  }
}

/** Ids are unique per chat and sender only. */
export function messageKeyOf(attrs: StanzaAttrs): string {
  const sender = attrs['participant'] || attrs['from'] || ''
  return `${chatOf(attrs).jid}|${plainJid(sender)}|${attrs['id'] ?? ''}`
}

/** Chats that are none of our business: groups, status, broadcast lists, channels and bots. */
export function ignored(jid: string): boolean {
  const server = jid.slice(jid.indexOf('@') + 1)
  return server === 'g.us' || server === 'broadcast' || server === 'newsletter' || server === 'bot'
}
