// What may be told to anybody, because it is about the shop alone: what it sells, how to write to it, how to reach it. Nothing is read that belongs to
// somebody.

import type { Answer } from '../../domain/bot/consent.ts'
import type { Voice } from '../../domain/bot/say.ts'
import { never } from '../../domain/result.ts'
import type { Queryable } from '../../persistence/database.ts'
import type { Organization } from '../../persistence/organization.ts'
import { pageText } from './catalogue-pages.ts'

/** @param phone the account's own number */
export async function answerAnybody(
  q: Queryable,
  organization: Organization,
  say: Voice,
  to: Answer,
  phone: string | null,
): Promise<string> {
  switch (to.intent) {
    case 'hello':
      return say.hello()
    case 'help':
      return say.help()
    case 'contact':
      return say.contact({ text: organization.contactText, phone })
    case 'catalog':
      return pageText(q, organization.id, say, to.argument)
    case 'more':
      // Which page they saw is not kept.
      return pageText(q, organization.id, say, '2')
    case 'status':
      return say.noOrders()
    case 'cancel':
      return say.nothingToCancel()
    case 'language':
      return say.languages()
    default:
      return never(to)
  }
}
