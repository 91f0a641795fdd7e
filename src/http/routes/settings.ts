// /api/settings: what the shop has set for itself. Only admins see and change it; what others need of it they are shown where they need it.

import { isOpen, nextOpening, type Weekday, type WeekHours } from '../../domain/hours.ts'
import { type Organization, readOrganization, refreshOrganization } from '../../persistence/organization.ts'
import { changeSettings } from '../../persistence/settings.ts'
import type { Api } from '../api.ts'
import { byOf } from '../by.ts'
import type { AppDeps } from '../deps.ts'
import { etag, ifMatch } from '../if-match.ts'
import { settingsAnswer, settingsBody } from '../schemas/settings.ts'
import { isoOrNull } from '../views.ts'

export function settingsRoutes(api: Api, deps: AppDeps): void {
  api.get(
    '/api/settings',
    {
      config: { access: 'settings:write' },
      schema: { tags: ['Settings'], summary: 'The settings of the shop', response: { 200: settingsAnswer } },
    },
    async (_request, reply) => {
      const found = (await readOrganization(deps.db)) ?? deps.organization
      etag(reply, found.version)
      return { settings: view(found, deps.now()) }
    },
  )

  api.patch(
    '/api/settings',
    {
      config: { access: 'settings:write', refusals: ['stale-version', 'currency-locked', 'invalid-parameter'] },
      schema: {
        tags: ['Settings'],
        summary: 'Change settings',
        description:
          'Only what is named changes; `hours` as a whole. Other nodes follow within seconds. With `If-Match` a change made meanwhile is refused.',
        body: settingsBody,
        response: { 200: settingsAnswer },
      },
    },
    async (request, reply) => {
      const expected = ifMatch(request)
      if (!expected.ok) return reply.refuse(expected.refusal)
      const changed = await changeSettings(deps.db, request.body, expected.value, byOf(deps, request))
      if (!changed.ok) return reply.refuse(changed.refusal)
      await refreshOrganization(deps.db, deps.organization)
      etag(reply, changed.value.version)
      return { settings: view(changed.value, deps.now()) }
    },
  )
}

function view({ settings, ...own }: Organization, now: Date) {
  const { name, contactText, awayText, currency, timezone, locale, version } = own
  const { languageDefault, hours, employeesEditCatalog, bot, retention, invoice } = settings
  return {
    name,
    contactText,
    awayText,
    currency,
    timezone,
    locale,
    languageDefault,
    hours: hours === null ? null : copied(hours),
    employeesEditCatalog,
    bot: { ...bot },
    retention: { ...retention },
    invoice: { ...invoice },
    version,
    open: isOpen(hours, timezone, now),
    nextOpening: isoOrNull(nextOpening(hours, timezone, now)),
  }
}

function copied(hours: WeekHours) {
  const of = (day: Weekday) => hours[day].map((interval) => ({ ...interval }))
  return {
    mon: of('mon'),
    tue: of('tue'),
    wed: of('wed'),
    thu: of('thu'),
    fri: of('fri'),
    sat: of('sat'),
    sun: of('sun'),
  }
}
