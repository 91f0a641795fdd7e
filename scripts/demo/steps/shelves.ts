// The catalogue and the contacts go in, and the public sees the one and not the other.

import { productView } from '../../../src/http/schemas/catalogue.ts'
import { listOf, problemSchema } from '../../../src/http/schemas/common.ts'
import { contactView } from '../../../src/http/schemas/conversations.ts'
import { makeApi } from '../api.ts'
import { CONTACTS } from '../cast.ts'
import { addContacts, fillShelves } from '../shop.ts'
import type { Scene } from '../story.ts'

export async function shelves({ api, stage, paper, check }: Scene): Promise<void> {
  paper.chapter('3. Catalogue and contacts')
  const made = await paper.waiting('the catalogue', fillShelves(api))
  const anybody = makeApi(stage.url)
  const found = await anybody.call('GET', '/api/products?q=gaming%20laptop', { shape: listOf(productView) })
  check.equal(
    'anybody may read the products, without numbers of stock',
    found.data.map(({ name, price, stock }) => [name, price.formatted, stock]),
    [
      ['Gaming Laptop', '$1,299.00', undefined],
      ['Gaming Laptop Pro', '$1,899.00', undefined],
    ],
  )
  paper.fact(`${made.products} products in ${made.categories} categories, for anybody to read`)

  await addContacts(api, CONTACTS)
  const contacts = await api.call('GET', '/api/whatsapp/contacts', { shape: listOf(contactView) })
  const names = CONTACTS.map(({ name }) => name)
  check.equal('the contacts are there', contacts.data.map(({ name }) => name).sort(), [...names].sort())
  const refused = await anybody.call('GET', '/api/whatsapp/contacts', { status: 401, shape: problemSchema })
  check.equal('contacts are for staff', refused.status, 401)
  paper.fact(`${names.join(', ')} are contacts; the bot talks to nobody else`)
}
