// The HTTP edge as a table of contents: every plugin and every route, in the order in which they take effect.

import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { apiScope } from './api.ts'
import { closeConnectionsWith } from './closing.ts'
import { makeCursors } from './cursor.ts'
import type { AppDeps } from './deps.ts'
import { answerError, problems } from './errors.ts'
import { makePasswords } from './passwords.ts'
import { auth } from './plugins/auth.ts'
import { bodies } from './plugins/bodies.ts'
import { callContexts } from './plugins/call-context.ts'
import { idempotency } from './plugins/idempotency.ts'
import { openapi } from './plugins/openapi.ts'
import { requestLog } from './plugins/request-log.ts'
import { requestMeters } from './plugins/request-meters.ts'
import { callLimits, givenRequestId, security } from './plugins/security.ts'
import { uploads } from './plugins/uploads.ts'
import { adminRoutes } from './routes/admin.ts'
import { authRoutes } from './routes/auth.ts'
import { botRoutes } from './routes/bot.ts'
import { categoryRoutes } from './routes/categories.ts'
import { clusterRoutes } from './routes/cluster.ts'
import { contactRoutes } from './routes/contacts.ts'
import { conversationRoutes } from './routes/conversations.ts'
import { customerRoutes } from './routes/customers.ts'
import { docsRoutes } from './routes/docs.ts'
import { healthRoutes } from './routes/health.ts'
import { inviteRoutes } from './routes/invites.ts'
import { invoiceRoutes } from './routes/invoices.ts'
import { mediaRoutes } from './routes/media.ts'
import { messageRoutes } from './routes/messages.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { orderMoveRoutes } from './routes/order-moves.ts'
import { orderWritingRoutes } from './routes/order-writing.ts'
import { orderRoutes } from './routes/orders.ts'
import { productExportRoutes, productImportRoutes } from './routes/product-files.ts'
import { imageUploadRoutes, productImageRoutes } from './routes/product-images.ts'
import { productRoutes } from './routes/products.ts'
import { profileRoutes } from './routes/profile.ts'
import { qrRoutes } from './routes/qr.ts'
import { reportRoutes } from './routes/reports.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { settingsRoutes } from './routes/settings.ts'
import { signupRoutes } from './routes/signup.ts'
import { stockRoutes } from './routes/stock.ts'
import { userRoutes } from './routes/users.ts'
import { variantRoutes } from './routes/variants.ts'
import { closeStreamsWith } from './sse.ts'
import { makeTickets } from './tickets.ts'

export type { AppDeps, WhatsAppHealth } from './deps.ts'

/** Builds the server, ready to listen or to be injected into. `close()` ends open streams and waits for requests under way. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    loggerInstance: deps.log as FastifyBaseLogger,
    // Its own lines hold the address, and an address may hold a ticket.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    bodyLimit: deps.config.maxFileSize,
    trustProxy: trusted(deps.config.trustProxy),
    forceCloseConnections: 'idle',
    genReqId: (request) => givenRequestId(request.headers['x-request-id']) ?? deps.newId(),
  })
  const passwords = makePasswords()
  const tickets = makeTickets(deps.db)
  const cursors = makeCursors(deps.jwtSecret)

  problems(app)
  requestLog(app)
  if (deps.metrics !== undefined) requestMeters(app, deps.metrics)
  closeStreamsWith(app)
  closeConnectionsWith(app)
  bodies(app)
  await security(app, deps)
  await auth(app, deps, tickets)
  await callLimits(app, deps)
  idempotency(app, deps)
  callContexts(app)
  await openapi(app, deps)

  await app.register(async (scope) => {
    const api = apiScope(scope)
    docsRoutes(api)
    healthRoutes(api, deps)
    metricsRoutes(api, deps)
    signupRoutes(api, deps, passwords)
    authRoutes(api, deps, passwords, tickets)
    profileRoutes(api, deps, passwords)
    userRoutes(api, deps, passwords, cursors)
    inviteRoutes(api, deps)
    sessionRoutes(api, deps)
    qrRoutes(api, deps)
    messageRoutes(api, deps)
    mediaRoutes(api, deps)
    conversationRoutes(api, deps, cursors)
    contactRoutes(api, deps, cursors)
    productRoutes(api, deps, cursors)
    productImageRoutes(api, deps)
    productExportRoutes(api, deps)
    await uploads(api, deps, (files) => {
      imageUploadRoutes(files, deps)
      productImportRoutes(files, deps)
    })
    variantRoutes(api, deps)
    categoryRoutes(api, deps)
    botRoutes(api, deps)
    orderRoutes(api, deps, cursors)
    customerRoutes(api, deps, cursors)
    invoiceRoutes(api, deps)
    settingsRoutes(api, deps)
    stockRoutes(api, deps, cursors)
    reportRoutes(api, deps)
    orderWritingRoutes(api, deps)
    orderMoveRoutes(api, deps)
    adminRoutes(api, deps, cursors)
    if (deps.cluster !== undefined) clusterRoutes(api, deps, deps.cluster)
  })
  await app.ready()
  return app
}

/** Whose word on where a request came from is taken. A number: so many hops, from the nearest. */
function trusted(
  proxies: AppDeps['config']['trustProxy'],
): false | string[] | ((address: string, hop: number) => boolean) {
  if (typeof proxies === 'number') return (_, hop) => hop < proxies
  return proxies === false ? false : [...proxies]
}
