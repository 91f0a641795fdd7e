// The samples of the chat (chat-cases.json) as a test reads them.
import { readFileSync } from 'node:fs'
import type { OpenPrompt } from '../../src/domain/bot/interpret.ts'

export interface ExpectedItem {
  readonly sku: string | null
  readonly qty: number | null
  readonly err?: string
  readonly match?: string
  readonly suggestHas?: readonly string[]
}

export interface ChatCase {
  readonly id: string
  readonly input: string
  readonly context?: { readonly pending: OpenPrompt }
  readonly expect: {
    readonly intent: string
    readonly outcome?: string
    readonly items?: readonly ExpectedItem[]
    readonly arg?: string
    readonly order?: number
    readonly index?: number
    readonly qty?: number
  }
}

export const chatCases = JSON.parse(
  readFileSync(new URL('./chat-cases.json', import.meta.url), 'utf8'),
) as readonly ChatCase[]

/** What was understood, with the fields of the samples. */
export type Understood = Omit<ChatCase['expect'], 'items' | 'qty'> & {
  readonly qty?: number | null
  readonly items?: readonly (Omit<ExpectedItem, 'suggestHas'> & { readonly suggest?: readonly string[] })[]
}

interface Checks {
  equal(found: unknown, wanted: unknown, message: string): unknown
  ok(value: unknown, message: string): unknown
}

/** Compares everything that the sample speaks of. */
export function checkCase(t: Checks, { id, input, expect }: ChatCase, got: Understood): void {
  const about = `${id} ${JSON.stringify(input)}`
  for (const field of ['intent', 'outcome', 'arg', 'order', 'index', 'qty'] as const) {
    if (expect[field] !== undefined) t.equal(got[field], expect[field], `${about}: ${field}`)
  }
  if (expect.items === undefined) return
  t.equal(got.items?.length, expect.items.length, `${about}: number of items`)
  for (const [index, item] of expect.items.entries()) {
    const found = got.items?.[index]
    t.equal(found?.sku, item.sku, `${about}: item ${index}`)
    t.equal(found?.qty, item.qty, `${about}: quantity of item ${index}`)
    t.equal(found?.err, item.err, `${about}: problem of item ${index}`)
    if (item.match !== undefined) t.equal(found?.match, item.match, `${about}: match of item ${index}`)
    for (const sku of item.suggestHas ?? []) t.ok(found?.suggest?.includes(sku), `${about}: suggests ${sku}`)
  }
}
