// Every text the bot sends, in one place. A reply must never read as a command: two bots would talk for ever. So each
// begins with a sign and a fixed phrase of ours, never with a name from outside (a test tries hostile names).
import type { Availability } from '../stock/level.ts'
import { MAX_QUANTITY } from './quantity.ts'

/** Longest reply in characters; long lists end in a count of what was left out. */
export const MAX_REPLY_CHARS = 1_000

export interface PricedItem {
  readonly name: string
  /** Formatted. */
  readonly price: string
}

export const AVAILABILITY_WORDS: Record<Availability, string> = {
  in_stock: 'in stock',
  low: 'few left',
  out_of_stock: 'out of stock',
}

const UNKNOWN = '🤔 Sorry, I did not get that. Write help to see what I can do.'

export const phrases = {
  hello: (to: { customer: string; shop: string; example: string }) =>
    [
      `👋 Welcome to ${to.shop}${comma(to.customer)}! You can write:`,
      '• catalog',
      `• ORDER ${to.example}:1`,
      '• status',
      '• contact',
      '• help',
    ].join('\n'),

  help: (to: { example: string }) =>
    [
      'ℹ️ You can write:',
      '• catalog – see our products',
      `• ORDER product:quantity – buy, like ORDER ${to.example}:2. For several, one on each line.`,
      '• status – follow your purchase',
      '• contact – reach us',
      '• help – this list',
    ].join('\n'),

  contact: (to: { shop: string; text: string; phone: string | null }) =>
    ['📍 This is how to reach us:', to.shop, to.text.trim(), to.phone ?? ''].filter((line) => line !== '').join('\n'),

  unknown: () => UNKNOWN,

  catalog: (to: {
    page: number
    pages: number
    first: number
    category: string | null
    items: readonly (PricedItem & { availability: Availability })[]
    example: string
  }) => {
    const items = to.items.map(
      (item, index) => `${to.first + index}. ${item.name} – ${item.price} (${AVAILABILITY_WORDS[item.availability]})`,
    )
    const section = to.category === null ? '' : ` in ${to.category}`
    const next = to.page < to.pages ? [`For the next page reply: catalog ${to.page + 1}`] : []
    return [
      `🛍️ Page ${to.page} of ${to.pages}${section}`,
      ...items,
      'To buy, reply like this:',
      `ORDER ${to.example}:1`,
      ...(to.category === null ? next : []),
    ].join('\n')
  },

  catalogEmpty: () => '🛍️ There is nothing to show yet. Please ask again later, or write contact to reach us.',

  noSuchPage: (to: { pages: number }) => `🛍️ There are only ${to.pages} pages. Send catalog to start at the first.`,

  noSuchCategory: (to: { name: string }) => `🛍️ I could not find "${to.name}". Send catalog to see everything.`,

  thanks: (to: {
    customer: string
    label: string
    lines: readonly { quantity: number; name: string; unit: string; total: string }[]
    total: string
  }) => {
    const lines = to.lines.map(({ quantity, name, unit, total }) =>
      quantity === 1 ? `1 × ${name} – ${total}` : `${quantity} × ${name} – ${unit} each, ${total}`,
    )
    return fit([`✅ Thank you${comma(to.customer)}! We got ${to.label}`], lines, [
      `Total: ${to.total}`,
      'A colleague will confirm soon. To follow it reply: status',
    ])
  },

  /** Nothing was placed: what is wrong, what was fine, what to do. */
  notPlaced: (to: { problems: readonly string[]; fine: readonly string[]; total: number }) => {
    const fine =
      to.fine.length === 0
        ? []
        : [`Nothing was placed. ${to.fine.length} of ${to.total} items are fine: ${to.fine.join(', ')}.`]
    return fit(
      [],
      to.problems.map((problem) => `⚠️ ${problem}`),
      fine,
    )
  },

  notFound: (to: { name: string }) => `I could not find "${to.name}". Send catalog to see everything.`,
  ambiguous: (to: { name: string; choices: readonly string[] }) =>
    `"${to.name}" can be several: ${to.choices.join(', ')}. Please write the full name.`,
  soldOut: (to: { name: string }) => `Sold out: ${to.name}. Send catalog to see what we have.`,
  onlyLeft: (to: { name: string; left: number; unit: string }) =>
    `Only ${to.left} left of ${to.name} (${to.unit} each). Please send it again with at most ${to.left}.`,
  howMany: (to: { name: string; unit: string; most: number }) =>
    `How many ${to.name} (${to.unit} each) would you like? Please write a whole number from 1 to ${Math.min(to.most, MAX_QUANTITY)}, like this: ORDER ${to.name}:2`,
  usage: (to: { example: string }) =>
    `To buy, write what and how many, like this:\nORDER ${to.example}:2\nFor several products put each on its own line.`,
  tooMany: (to: { most: number }) =>
    `That is more than I can read at once. Please send at most ${to.most} products in one message.`,

  /** What became of an order, in one sentence, and what is in it where that still matters. */
  notice: (to: { label: string; words: string; lines: readonly string[]; total: string | null }) =>
    fit([`📦 ${to.label} ${to.words}`], to.lines, to.total === null ? [] : [to.total]),
  noticeWords: {
    confirmed: () => 'is confirmed.',
    processing: () => 'is being prepared.',
    shipped: () => 'is on its way.',
    ready: () => 'is ready for pickup.',
    delivered: () => 'is delivered. Thank you!',
    cancelled: (to: { reason: string | null }) => (to.reason === null ? 'is cancelled.' : `is cancelled: ${to.reason}`),
    returned: () => 'is back with us: the return is recorded.',
  },
  noticeTotal: (to: { total: string; payment: string }) => `Total: ${to.total} (${to.payment})`,

  noOrders: (to: { example: string }) =>
    `📦 You have no orders yet. Send catalog to start, or buy like this:\nORDER ${to.example}:1`,
  noSuchOrder: (to: { label: string }) => `📦 I could not find ${to.label} among your orders. Send status to see them.`,
  status: (to: {
    orders: readonly {
      label: string
      words: string
      payment: string
      lines: readonly string[]
      total: string
      at: string
    }[]
    more: number
  }) => {
    const blocks = to.orders.map(({ label, words, payment, lines, total, at }) =>
      [`${label} ${words}.`, ...lines, `Total: ${total} (${payment}), ${at}`].join('\n'),
    )
    const more = to.more === 0 ? [] : [`There are more. For one of them reply like this: status 1042`]
    return fit(['📦 Your latest:'], blocks, more)
  },
} as const

/** The text that answers what was not understood; the sender keeps it from being repeated. */
export const UNKNOWN_HINT = UNKNOWN

function comma(name: string): string {
  return name === '' ? '' : `, ${name}`
}

/** Head, as much of the middle as fits, and tail. What is left out is counted. */
function fit(head: readonly string[], middle: readonly string[], tail: readonly string[]): string {
  const render = (shown: number) => {
    const left = middle.length - shown
    return [...head, ...middle.slice(0, shown), ...(left > 0 ? [`… and ${left} more`] : []), ...tail].join('\n')
  }
  for (let shown = middle.length; shown > 1; shown -= 1) {
    const text = render(shown)
    if (text.length <= MAX_REPLY_CHARS) return text
  }
  return render(Math.min(1, middle.length))
}
