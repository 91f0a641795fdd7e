// /api/whatsapp/contacts and /contact/add: the whitelist of an account. Only messages of contacts are stored and answered.

import { type Contact, contactName, contactTags } from '../../domain/contact.ts'
import { asId, type UserId } from '../../domain/ids.ts'
import { parsePhone } from '../../domain/phone.ts'
import { addContact, listContacts } from '../../persistence/contacts.ts'
import type { Api } from '../api.ts'
import type { Cursors } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { readPage, writePage } from '../pages.ts'
import { callerOf } from '../plugins/auth.ts'
import { listOf } from '../schemas/common.ts'
import { contactAddBody, contactAnswer, contactsQuery, contactView } from '../schemas/conversations.ts'
import { callerScope } from '../scope.ts'
import { iso, isoOrNull } from '../views.ts'

const LIST = 'contacts:name'

export function contactRoutes(api: Api, deps: AppDeps, cursors: Cursors): void {
  api.get(
    '/api/whatsapp/contacts',
    {
      config: { access: 'contacts:read', refusals: ['invalid-cursor'] },
      schema: {
        tags: ['Contacts'],
        summary: 'Contacts, by name',
        querystring: contactsQuery,
        response: { 200: listOf(contactView) },
      },
    },
    async (request, reply) => {
      const { q, tag, userId, ...query } = request.query
      const page = readPage(cursors, LIST, query)
      if (!page.ok) return reply.refuse(page.refusal)
      const scope = await callerScope(deps.db, callerOf(request))
      const filter = { q, tag, userId: userId === undefined ? undefined : asId<UserId>(userId) }
      const found = await listContacts(deps.db, scope, page.value, filter)
      return writePage(cursors, LIST, page.value, found, view)
    },
  )

  api.post(
    '/api/whatsapp/contact/add',
    {
      config: { access: 'contacts:write', idempotent: true, refusals: ['invalid-phone', 'invalid-name'] },
      schema: {
        tags: ['Contacts'],
        summary: 'Add a contact',
        description:
          'From then on their messages are stored and answered. The same number again changes its name and answers 200.',
        body: contactAddBody,
        response: { 200: contactAnswer, 201: contactAnswer },
      },
    },
    async (request, reply) => {
      const { phoneNumber, tags, language } = request.body
      const phone = parsePhone(phoneNumber)
      if (!phone.ok) {
        const { code, message } = phone.refusal
        return reply.refuse({ code, message, errors: [{ path: 'phoneNumber', code, message }] })
      }
      const name = contactName(request.body.name)
      if (!name.ok) {
        const { code, message } = name.refusal
        return reply.refuse({ code, message, errors: [{ path: 'name', code, message }] })
      }
      const { contact, created } = await addContact(
        deps.db,
        {
          orgId: deps.organization.id,
          userId: callerOf(request).id,
          phone: phone.value,
          name: name.value,
          language,
          tags: tags === undefined ? undefined : contactTags(tags),
        },
        deps.newId,
        deps.mac,
      )
      return reply.code(created ? 201 : 200).send({ contact: view(contact) })
    },
  )
}

function view(contact: Contact) {
  const { id, userId, name, phoneNumber, language, optedOut, tags } = contact
  return {
    id,
    userId,
    name,
    phoneNumber,
    language,
    optedOut,
    tags: [...tags],
    onWhatsApp: null,
    createdAt: iso(contact.createdAt),
    lastMessageAt: isoOrNull(contact.lastMessageAt),
  }
}
