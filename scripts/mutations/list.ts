// Every promise with the line that keeps it, and the test that turns red when that line is taken out, by what it is about. The page for
// bad days shows this list; scripts/mutations.ts carries it out.

import { BOT } from './list/bot.ts'
import { CATALOGUE } from './list/catalogue.ts'
import { MESSAGES } from './list/messages.ts'
import { ORDERS } from './list/orders.ts'
import { OWNERSHIP } from './list/ownership.ts'
import { PEOPLE } from './list/people.ts'
import { STOCK } from './list/stock.ts'
import { STRANGERS } from './list/strangers.ts'
import { WHATSAPP } from './list/whatsapp.ts'
import type { Mutation } from './mutation.ts'

export const MUTATIONS: readonly Mutation[] = [
  ...OWNERSHIP,
  ...WHATSAPP,
  ...MESSAGES,
  ...STRANGERS,
  ...BOT,
  ...STOCK,
  ...ORDERS,
  ...CATALOGUE,
  ...PEOPLE,
]
