// /api/whatsapp/contacts and /contact/add: the whitelist of an account. Only messages of contacts are stored and answered.

import { z } from 'zod'
import { can } from '../../domain/access.ts'
import { type Contact, contactName, contactTags } from '../../domain/contact.ts'
import { asId, type ContactId, type UserId } from '../../domain/ids.ts'
import { parsePhone } from '../../domain/phone.ts'
import { changeContact, eraseContact, removeContact } from '../../persistence/contact-changes.ts'
import { addContact, listContacts } from '../../persistence/contacts.ts'
import type { Api } from '../api.ts'
import { byOf } from '../by.ts'
import type { Cursors } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { readPage, writePage } from '../pages.ts'
import { callerOf } from '../plugins/auth.ts'
import { idParams, listOf } from '../schemas/common.ts'
import {
  contactAddBody,
  contactAnswer,
  contactBody,
  contactDeleteQuery,
  contactsQuery,
  contactView,
} from '../schemas/conversations.ts'
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

  api.patch(
    '/api/whatsapp/contacts/:id',
    {
      config: { access: 'contacts:write', refusals: ['invalid-name'] },
      schema: {
        tags: ['Contacts'],
        summary: 'Change a contact',
        params: idParams,
        body: contactBody,
        response: { 200: contactAnswer },
      },
    },
    async (request, reply) => {
      const { tags, language } = request.body
      const name = request.body.name === undefined ? null : contactName(request.body.name)
      if (name?.ok === false) {
        const { code, message } = name.refusal
        return reply.refuse({ code, message, errors: [{ path: 'name', code, message }] })
      }
      const scope = await callerScope(deps.db, callerOf(request))
      const change = { name: name?.value, language, tags: tags === undefined ? undefined : contactTags(tags) }
      const changed = await changeContact(deps.db, scope, asId<ContactId>(request.params.id), change)
      if (!changed.ok) return reply.refuse(changed.refusal)
      return { contact: view(changed.value) }
    },
  )

  api.delete(
    '/api/whatsapp/contacts/:id',
    {
      config: { access: 'contacts:write', refusals: ['open-orders', 'invalid-parameter'] },
      schema: {
        tags: ['Contacts'],
        summary: 'Remove a contact',
        description:
          'From then on their messages are not stored. What was said stays as an archive; with `erase` everything about the customer is forgotten (managers and admins).',
        params: idParams,
        querystring: contactDeleteQuery,
        response: { 204: z.undefined().meta({ description: 'Done.' }) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const scope = await callerScope(deps.db, caller)
      const id = asId<ContactId>(request.params.id)
      const { erase = false, force = false } = request.query
      if (erase && !can(caller, 'customers:erase'))
        return reply.refuse({ code: 'forbidden', message: 'Ask a manager to erase what is known of a customer.' })
      const what = { scope, force, reason: 'contact removed', at: deps.now() }
      const removed = erase
        ? await eraseContact(deps.db, id, what, deps.mac, byOf(deps, request))
        : await removeContact(deps.db, scope, id, byOf(deps, request))
      if (!removed.ok) return reply.refuse(removed.refusal)
      return reply.code(204).send()
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
