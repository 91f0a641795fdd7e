// Makes the shop through the doors a user has: the owner signs up, the demo catalogue and the contacts go in over HTTP.

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { signupAnswer } from '../../src/http/schemas/auth.ts'
import { categoryAnswer, productAnswer } from '../../src/http/schemas/catalogue.ts'
import { contactAnswer } from '../../src/http/schemas/conversations.ts'
import type { Api } from './api.ts'
import { OWNER, type Person } from './cast.ts'

const variant = z.object({
  sku: z.string(),
  name: z.string(),
  category: z.string(),
  priceMinor: z.number().int(),
  currency: z.string(),
  onHand: z.number().int(),
  lowStockThreshold: z.number().int(),
  aliases: z.array(z.string()),
  active: z.boolean(),
  product: z.string().optional(),
  options: z.record(z.string(), z.string()).optional(),
})
type Variant = z.infer<typeof variant>
const catalogue = z.object({
  categories: z.array(z.object({ slug: z.string(), name: z.string(), parent: z.string().nullable() })),
  variants: z.array(variant),
})

/** The first account of an installation. */
export function signUpOwner(api: Api) {
  return api.call('POST', '/api/auth/signup', {
    body: { ...OWNER, role: 'admin' },
    status: 201,
    shape: signupAnswer.required({ token: true }),
  })
}

/** Puts data/demo-catalog.json in. @returns how many of each were made */
export async function fillShelves(api: Api): Promise<{ readonly categories: number; readonly products: number }> {
  const file = catalogue.parse(
    JSON.parse(readFileSync(new URL('../../data/demo-catalog.json', import.meta.url), 'utf8')),
  )
  const ids = new Map<string, string>()
  for (const { slug, name, parent } of file.categories) {
    const body = { slug, name, parentId: parent === null ? null : ids.get(parent) }
    const made = await api.call('POST', '/api/categories', { body, status: 201, shape: categoryAnswer })
    ids.set(slug, made.category.id)
  }
  const products = [...Map.groupBy(file.variants, ({ name, product }) => product ?? name)]
  for (const [name, variants] of products) {
    const body = productBody(name, variants, ids)
    await api.call('POST', '/api/products', { body, status: 201, shape: productAnswer })
  }
  return { categories: ids.size, products: products.length }
}

export async function addContacts(api: Api, people: readonly Person[]): Promise<void> {
  for (const { name, phone } of people)
    await api.call('POST', '/api/whatsapp/contact/add', {
      body: { name, phoneNumber: phone },
      status: 201,
      shape: contactAnswer,
    })
}

/** Variants of one product go in together, with their options. */
function productBody(name: string, variants: readonly Variant[], categories: ReadonlyMap<string, string>): object {
  const [first] = variants
  const shared = {
    name,
    categoryId: categories.get(first?.category ?? ''),
    status: first?.active ? 'active' : 'archived',
  }
  return first?.product === undefined
    ? { ...shared, ...variants.map(fields)[0] }
    : { ...shared, variants: variants.map((each) => ({ ...fields(each), name: each.name, options: each.options })) }
}

function fields({ sku, aliases, lowStockThreshold, onHand, currency, priceMinor }: Variant) {
  return { sku, aliases, lowStockThreshold, stock: onHand, price: { amount: priceMinor, currency } }
}
