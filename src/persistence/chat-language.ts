// In which language a customer of an account is written to: the one that was chosen for them, else as the bot answers in their chat, else the
// shop's.

import { type LanguageCode, languageFor } from '../domain/bot/languages/index.ts'
import { lettersOf, stateFrom } from '../domain/bot/state.ts'
import type { UserId } from '../domain/ids.ts'
import type { Queryable } from './database.ts'
import type { Organization } from './organization.ts'

/** Who is written to: one of these three. */
export type Addressee =
  | { readonly phone: string }
  | { readonly contactId: string }
  | { readonly conversationId: string }

/** @returns the shop's language for somebody who is not known */
export async function chatLanguage(
  q: Queryable,
  { id, settings }: Organization,
  userId: UserId,
  to: Addressee,
): Promise<LanguageCode> {
  const [condition, value] = conditionOf(to)
  const [row] = await q.rows<{ language: string | null; bot_state: unknown }>(
    `select cu.language, v.bot_state from customers cu
     left join conversations v on v.customer_id = cu.id and v.user_id = ?
     where cu.org_id = ? and cu.id = (${condition})`,
    [userId, id, ...('phone' in to ? [id, value] : [userId, value])],
  )
  return languageOf(row?.language ?? null, row?.bot_state, settings.languageDefault)
}

function conditionOf(to: Addressee): readonly [string, string] {
  if ('phone' in to)
    return [`select customer_id from customer_identities where org_id = ? and kind = 'phone' and value = ?`, to.phone]
  if ('contactId' in to) return ['select customer_id from contacts where user_id = ? and id = ?', to.contactId]
  return ['select customer_id from conversations where user_id = ? and id = ?', to.conversationId]
}

/** @param chosen null: none. @param botState what the bot remembers of the chat, as it is stored */
export function languageOf(chosen: string | null, botState: unknown, fallback: string): LanguageCode {
  return languageFor(chosen, lettersOf(stateFrom(botState)), fallback)
}
