// Who asks for a change, and from where: what its row in the audit log begins with.

import type { FastifyRequest } from 'fastify'
import type { AuditDraft } from '../persistence/audit.ts'
import type { AppDeps } from './deps.ts'
import { callerOf } from './plugins/auth.ts'

export function byOf(
  deps: Pick<AppDeps, 'newId' | 'organization'>,
  request: FastifyRequest,
): Omit<AuditDraft, 'action' | 'subject' | 'before' | 'after'> {
  return {
    id: deps.newId(),
    orgId: deps.organization.id,
    actorId: callerOf(request).id,
    ip: request.ip,
    requestId: request.id,
  }
}
