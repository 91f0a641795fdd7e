// POST /api/whatsapp/send-message and /send-catalog: builds the command, asks the session's actor, answers with what it queued.

import { PAGE_SIZE, sayPage } from '../../actors/inbox/catalogue-pages.ts'
import type { CommandBody, QueuedMessageView, Recipient } from '../../actors/session/protocol.ts'
import { atMost } from '../../domain/access.ts'
import type { LanguageCode } from '../../domain/bot/languages/index.ts'
import { voice } from '../../domain/bot/say.ts'
import { type ImageType, imageType } from '../../domain/conversation/image.ts'
import { asId, type CategoryId, type ContactId, type ConversationId, isUuid, type ProductId } from '../../domain/ids.ts'
import { parsePhone } from '../../domain/phone.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { catalogPage } from '../../persistence/catalogue-search.ts'
import { listCategories } from '../../persistence/categories.ts'
import { chatLanguage } from '../../persistence/chat-language.ts'
import { findContact } from '../../persistence/contacts.ts'
import { findConversation } from '../../persistence/conversations.ts'
import { imageToSend } from '../../persistence/product-images.ts'
import type { User } from '../../persistence/users.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { callerOf } from '../plugins/auth.ts'
import { idempotencyKeyOf } from '../plugins/idempotency.ts'
import { limits } from '../plugins/security.ts'
import { ALIASES, sendCatalogAnswer, sendCatalogBody, sendMessageAnswer, sendMessageBody } from '../schemas/whatsapp.ts'
import { ownScope } from '../scope.ts'

/** WhatsApp's own limit for a text, in characters. */
export const MESSAGE_MAX_CHARS = 4_096
/** So much base64 is enough to tell the type of a picture. */
const SNIFFED_CHARS = 64

const REFUSALS = [
  'whatsapp-not-connected',
  'session-suspended',
  'not-a-contact',
  'invalid-phone',
  'not-found',
  'session-timeout',
  'mailbox-full',
  'overloaded',
  'owner-moved',
] as const

export function messageRoutes(api: Api, deps: AppDeps): void {
  const { send } = limits(deps)

  api.post(
    '/api/whatsapp/send-message',
    {
      config: {
        access: 'whatsapp:send',
        rateLimit: send,
        idempotent: true,
        aliases: ALIASES,
        refusals: [...REFUSALS, 'empty-message', 'too-long', 'invalid-image', 'contact-opted-out'],
      },
      schema: {
        tags: ['Messages'],
        summary: 'Send a message to a contact',
        description:
          'Accepted means stored: it is sent once, under one WhatsApp id, also across restarts. With Idempotency-Key it may be repeated safely.',
        body: sendMessageBody,
        response: { 202: sendMessageAnswer },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { to, message, media, quotedMessageId, force } = request.body
      if (force === true && !atMost('manager', caller.role))
        return reply.refuse({ code: 'forbidden', message: 'Only managers and admins may send with `force`.' })
      const text = checkText(message, media !== undefined)
      if (!text.ok) return reply.refuse(text.refusal)
      const picture = media === undefined ? ok(null) : await pictureOf(media)
      if (!picture.ok) return reply.refuse(picture.refusal)
      const recipient = await recipientOf(caller, to)
      if (!recipient.ok) return reply.refuse(recipient.refusal)
      const key = idempotencyKeyOf(request)
      const queued = await deps.sessions.ask(caller.id, 'message.send', {
        ...command(caller, recipient.value, message, key === null ? null : `send-message:${key}`),
        ...(quotedMessageId === undefined ? {} : { quotedMessageId }),
        ...(picture.value === null ? {} : { picture: picture.value }),
        ...(force === undefined ? {} : { force }),
        proactive: false,
      })
      if (!queued.ok) return reply.refuse(queued.refusal)
      return reply.code(202).send({ message: queued.value })
    },
  )

  api.post(
    '/api/whatsapp/send-catalog',
    {
      config: {
        access: 'whatsapp:send',
        rateLimit: send,
        idempotent: true,
        aliases: ALIASES,
        refusals: [...REFUSALS, 'nothing-to-send', 'contact-opted-out'],
      },
      schema: {
        tags: ['Messages'],
        summary: 'Send the catalogue to a contact',
        description: `One page of ${PAGE_SIZE} products, or the products named, in the customer's language.`,
        body: sendCatalogBody,
        response: { 202: sendCatalogAnswer },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { to, page } = request.body
      const recipient = await recipientOf(caller, to)
      if (!recipient.ok) return reply.refuse(recipient.refusal)
      const language = await chatLanguage(deps.db, deps.organization, caller.id, recipient.value)
      const rendered = await render(request.body, language)
      if (!rendered.ok) return reply.refuse(rendered.refusal)
      const { texts, items, nextPage } = rendered.value
      const key = idempotencyKeyOf(request)
      const messages: QueuedMessageView[] = []
      for (const [index, text] of texts.entries()) {
        const queued = await deps.sessions.ask(caller.id, 'message.send', {
          ...command(caller, recipient.value, text, key === null ? null : `send-catalog:${key}:${page}:${index}`),
          proactive: true,
        })
        if (!queued.ok) return reply.refuse(queued.refusal)
        messages.push(queued.value)
      }
      return reply.code(202).send({ messages, items, nextPage })
    },
  )

  /** A phone number, or the id of a contact or conversation of one's own account. Whether a number is a contact the actor knows. */
  async function recipientOf(caller: User, to: string): Promise<Result<Recipient, 'invalid-phone' | 'not-found'>> {
    const wanted = to.toLowerCase()
    if (!isUuid(wanted)) {
      const phone = parsePhone(to)
      if (phone.ok) return ok({ phone: phone.value })
      const { code, message } = phone.refusal
      return refuse(code, message, { errors: [{ path: 'to', code, message }] })
    }
    const own = ownScope(caller)
    if ((await findContact(deps.db, own, asId<ContactId>(wanted))) !== null) return ok({ contactId: wanted })
    if ((await findConversation(deps.db, own, asId<ConversationId>(wanted))) !== null)
      return ok({ conversationId: wanted })
    return refuse('not-found', 'You have no contact and no conversation with this id.')
  }

  /** The picture as it is sent: one of a product, or the one in the request. */
  async function pictureOf(
    media: { readonly image: string } | { readonly imageId: string },
  ): Promise<Result<{ mime: ImageType; data: string }, 'invalid-image' | 'not-found'>> {
    if ('image' in media) return givenPicture(media.image)
    const found = await imageToSend(deps.db, deps.organization.id, media.imageId)
    return found === null
      ? refuse('not-found', 'No product has a picture with this imageId.')
      : ok({ mime: found.mime, data: found.bytes.toString('base64') })
  }

  /** The catalogue as texts: a page of ten, or all of the products asked for. */
  async function render(
    wanted: {
      readonly categoryId?: string | undefined
      readonly productIds?: readonly string[] | undefined
      readonly page: number
    },
    language: LanguageCode,
  ): Promise<Result<{ texts: string[]; items: number; nextPage: number | null }, 'nothing-to-send'>> {
    const { organization: org } = deps
    const { categoryId, productIds, page } = wanted
    const filter = {
      ...(categoryId === undefined ? {} : { categoryId: asId<CategoryId>(categoryId) }),
      ...(productIds === undefined ? {} : { productIds: productIds.map((id) => asId<ProductId>(id)) }),
    }
    const category =
      categoryId === undefined
        ? null
        : ((await listCategories(deps.db, org.id)).find(({ id }) => id === categoryId)?.name ?? null)
    const limit = productIds === undefined ? PAGE_SIZE : productIds.length
    const found = await catalogPage(deps.db, org.id, { ...filter, offset: (page - 1) * limit, limit })
    const { name: shop, locale, timezone } = org
    const say = voice({ language, shop, locale, timezone, customer: '', example: '' })
    const items = found.items.length
    if (items > 0 && productIds === undefined) {
      const more = page * PAGE_SIZE < found.total
      return ok({ texts: [sayPage(say, found, page, category, false)], items, nextPage: more ? page + 1 : null })
    }
    // Products named by id go all at once, ten a message; "the next page" would mean nothing to the customer.
    const texts: string[] = []
    for (let from = 0; from < items; from += PAGE_SIZE) {
      const some = found.items.slice(from, from + PAGE_SIZE)
      texts.push(sayPage(say, { items: some, total: some.length }, 1, category, false))
    }
    if (texts.length > 0) return ok({ texts, items, nextPage: null })
    return refuse('nothing-to-send', 'No active product fits. Add products, or choose another category or page.')
  }
}

function command(
  caller: User,
  recipient: Recipient,
  text: string,
  key: string | null,
): Omit<CommandBody<'message.send'>, 'proactive'> {
  return {
    recipient,
    text,
    author: { kind: 'user', userId: caller.id },
    // Named after the route: the bot's replies have keys of their own.
    ...(key === null ? {} : { idempotencyKey: `http:${key}` }),
  }
}

/** The picture as it came; its type is told by its bytes. */
function givenPicture(data: string): Result<{ mime: ImageType; data: string }, 'invalid-image'> {
  const mime = imageType(Buffer.from(data.slice(0, SNIFFED_CHARS), 'base64'))
  if (mime !== null) return ok({ mime, data })
  const message = 'This is no JPEG, PNG or WebP picture.'
  return refuse('invalid-image', message, { errors: [{ path: 'media.image', code: 'invalid-image', message }] })
}

function checkText(text: string, mayBeEmpty: boolean): Result<void, 'empty-message' | 'too-long'> {
  if (text.trim() === '' && !mayBeEmpty) return refuse('empty-message', 'The message has no text. Write something.')
  if (text.length > MESSAGE_MAX_CHARS)
    return refuse('too-long', `The message has ${text.length} characters; at most ${MESSAGE_MAX_CHARS} can be sent.`)
  return ok(undefined)
}
