// /api/bot/preview: try a text on the bot. Writes nothing and sends nothing.

import { preview } from '../../actors/inbox/preview.ts'
import { asId, type CustomerId } from '../../domain/ids.ts'
import { findCustomer, noCustomer } from '../../persistence/customers.ts'
import { readOrganization } from '../../persistence/organization.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { callerOf } from '../plugins/auth.ts'
import { previewAnswer, previewBody } from '../schemas/bot.ts'
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
      const asked = { text, prompt: context?.pending ?? null, customer }
      const { meaning, language, reply: said } = await preview(deps.db, deps.catalogue, organization, asked)
      const { items, ...rest } = meaning
      const shown = items?.map(({ suggest, ...item }) => ({
        ...item,
        ...(suggest === undefined ? {} : { suggest: [...suggest] }),
      }))
      return { ...rest, ...(shown === undefined ? {} : { items: shown }), language, reply: said }
    },
  )
}
