// GET /api/whatsapp/messages/:id/media: the file of a message one may read. It is fetched when it is asked for, and not kept.

import { z } from 'zod'
import { asId, type MessageId } from '../../domain/ids.ts'
import { appendAudit } from '../../persistence/audit.ts'
import { findConversation } from '../../persistence/conversations.ts'
import { findMessage } from '../../persistence/messages.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { callerOf } from '../plugins/auth.ts'
import { idParams } from '../schemas/common.ts'
import { callerScope } from '../scope.ts'

const ABSENT = { code: 'not-found', message: 'There is no such message, or it is not yours to see.' } as const

const BYTES = z.unknown().meta({ type: 'string', format: 'binary' })

export function mediaRoutes(api: Api, deps: AppDeps): void {
  api.get(
    '/api/whatsapp/messages/:id/media',
    {
      config: {
        access: 'conversations:read',
        refusals: ['media-gone', 'media-unavailable', 'payload-too-large'],
      },
      schema: {
        tags: ['Messages'],
        summary: 'The file of a message',
        description:
          'Fetched from WhatsApp at this moment and not kept. Pictures come with their type, told by their bytes; everything else as bytes to be saved.',
        params: idParams,
        response: {
          200: {
            description: 'The file.',
            content: {
              'image/*': { schema: BYTES },
              'application/octet-stream': { schema: BYTES },
            },
          },
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const id = asId<MessageId>(request.params.id)
      const message = await findMessage(deps.db, id)
      const scope = await callerScope(deps.db, caller)
      const chat = message === null ? null : await findConversation(deps.db, scope, message.conversationId)
      if (chat === null) return reply.refuse(ABSENT)
      if (chat.userId !== caller.id)
        await appendAudit(deps.db, {
          id: deps.newId(),
          orgId: deps.organization.id,
          actorId: caller.id,
          action: 'message.media',
          subject: id,
          ip: request.ip,
          requestId: request.id,
        })
      const file = await deps.media.read(id)
      if (!file.ok) return reply.refuse(file.refusal)
      const { mime, bytes } = file.value
      const shown = mime.startsWith('image/')
      return (
        reply
          .header('content-type', mime)
          .header('content-disposition', `${shown ? 'inline' : 'attachment'}; filename="${id}"`)
          // A customer chose these bytes: nothing in them may run, and no browser may guess what they are.
          .header('content-security-policy', "sandbox; default-src 'none'")
          .header('x-content-type-options', 'nosniff')
          .header('cache-control', 'private, no-store')
          .send(bytes)
      )
    },
  )
}
