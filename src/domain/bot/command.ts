// What a customer's text asks for. Total and bounded: any text gives a command, in time that does not grow with it.
// Only the words are decided here; what is sold and what is left is resolve.ts and the database.
import { normalName } from '../catalogue/search.ts'
import { type OrderItemText, readItems } from './grammar.ts'
import { normalise } from './normalise.ts'

/** More items than this in one text are not an order by chat any more. */
export const MAX_ITEMS = 20

export type UsageProblem = 'empty' | 'too_long' | 'too_many_lines'

export type Command =
  | { readonly kind: 'hello' }
  /** `argument`: a page number or the words of a category, as typed. */
  | { readonly kind: 'catalog'; readonly argument: string | null }
  | { readonly kind: 'order'; readonly items: readonly OrderItemText[] }
  | { readonly kind: 'order-usage'; readonly problem: UsageProblem }
  | { readonly kind: 'status'; readonly orderNumber: number | null }
  | { readonly kind: 'help' }
  | { readonly kind: 'contact' }
  | { readonly kind: 'unknown' }

const GREETING = '(?:hi+|hello+|hey+|hallo|hola|salam|salaam|good (?:morning|afternoon|evening))(?: there)?'
const HELLO = new RegExp(`^${GREETING}$`, 'u')
const GREETING_BEFORE = new RegExp(`^${GREETING}[\\s,.!:-]+(?=\\S)`, 'iu')
const PLEASE_BEFORE = /^(?:please|pls)[\s,]+(?=\S)/iu
// Not \b: it knows no letters but the Latin ones.
const ORDER_VERB = /^(?:order|buy)(?![\p{L}\p{M}\p{N}_]|['-]\p{L})/iu
const CATALOG = /^(?:catalog|catalogue|products|product list|price list)(?: (.{1,60}))?$/u
const STATUS =
  /^(?:(?:order )?status|my orders?(?: status)?|where(?: i)?s my order|status of my order)(?: (?:ord )?(\d{1,9}))?$/u
const HELP = /^(?:help|commands)(?: me)?$/u
const CONTACT = /^(?:contact|contacts|contact us)$/u

/** Reads a text. Never throws; looks at 1,000 characters and 20 lines at most. */
export function parseCommand(input: string): Command {
  const { text, cut } = normalise(input)
  if (/^\?+$/.test(text)) return { kind: 'help' }
  const words = normalName(text)
  if (!cut && HELLO.test(words)) return { kind: 'hello' }
  const body = text.replace(GREETING_BEFORE, '').replace(PLEASE_BEFORE, '')
  const command = cut ? null : wholeMessage(normalName(body))
  if (command !== null) return command
  const verb = ORDER_VERB.exec(body)
  if (verb === null) return { kind: 'unknown' }
  if (cut) return { kind: 'order-usage', problem: 'too_long' }
  return order(body.slice(verb[0].length))
}

/** The commands that are the whole message, or a word and its argument. */
function wholeMessage(words: string): Command | null {
  const catalog = CATALOG.exec(words)
  if (catalog !== null) return { kind: 'catalog', argument: catalog[1] ?? null }
  const status = STATUS.exec(words)
  if (status !== null) return { kind: 'status', orderNumber: status[1] === undefined ? null : Number(status[1]) }
  if (HELP.test(words)) return { kind: 'help' }
  if (CONTACT.test(words)) return { kind: 'contact' }
  return null
}

function order(rest: string): Command {
  const items = readItems(rest.replace(/^[\s:,-]+/u, ''))
  if (items.length === 0) return { kind: 'order-usage', problem: 'empty' }
  if (items.length > MAX_ITEMS) return { kind: 'order-usage', problem: 'too_many_lines' }
  return { kind: 'order', items }
}
