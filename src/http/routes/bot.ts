// /api/bot/preview: try a text on the bot. Writes nothing and sends nothing.

import { preview } from '../../actors/inbox/preview.ts'
import { asId, type CustomerId } from '../../domain/ids.ts'
import { findCustomer, noCustomer } from '../../persistence/customers.ts'
import { readOrganization } from '../../persistence/organization.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { callerOf } from '../plugins/auth.ts'
import { type PreviewBody, previewAnswer, previewBody } from '../schemas/bot.ts'
import { callerScope } from '../scope.ts'

export function botRoutes(api: Api, deps: AppDeps): void {
  api.post(
    '/api/bot/preview',
    {
      config: { access: 'bot:preview', refusals: ['not-found'] },
      schema: {
        tags: ['Bot'],
        summary: 'Try a text on the bot',
        description: 'What the bot would understand and reply. Nothing is written, sent or reserved.',
        body: previewBody,
        response: { 200: previewAnswer },
      },
    },
    async (request, reply) => {
      const { text, customerId, context } = request.body
      const scope = await callerScope(deps.db, callerOf(request))
      const found = customerId === undefined ? null : await findCustomer(deps.db, scope, asId<CustomerId>(customerId))
      if (customerId !== undefined && found === null) return reply.refuse(noCustomer.refusal)
      const customer =
        found === null
          ? null
          : { id: found.id, name: found.contacts[0]?.name ?? found.displayName, language: found.language }
      const organization = (await readOrganization(deps.db)) ?? deps.organization
      const asked = { text, question: questionOf(context), userId: callerOf(request).id, customer }
      const { meaning, language, reply: said } = await preview({ ...deps, organization }, deps.catalogue, asked)
      const { items, ...rest } = meaning
      const shown = items?.map(({ suggest, ...item }) => ({
        ...item,
        ...(suggest === undefined ? {} : { suggest: [...suggest] }),
      }))
      return { ...rest, ...(shown === undefined ? {} : { items: shown }), language, reply: said }
    },
  )
}

/** Left out altogether, the question is the one that is open in the chat. */
function questionOf(context: PreviewBody['context']): Parameters<typeof preview>[2]['question'] {
  if (context === undefined) return 'as-is'
  const pending = context?.pending ?? null
  if (pending === null) return null
  const about = pending.about?.map(({ sku, quantity = null }) => ({ sku, quantity })) ?? null
  return { prompt: pending, about }
}
