import fc from 'fast-check'
import t from 'tap'
import type { CustomerId, UserId } from '../../src/domain/ids.ts'
import { type Person, testApp } from '../support/app.ts'
import { chat, order } from '../support/shop.ts'

/** `PROPERTY_RUNS=20` looks twenty times as long. */
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 1)

interface Member extends Person {
  readonly role: 'employee' | 'manager' | 'admin' | 'customer'
  /** The place of their manager; nobody's above the first. */
  readonly above: number | null
}

const place = fc.nat()
const organisation = fc.record({
  // The first is a manager: somebody has a team.
  staff: fc.array(fc.tuple(fc.constantFrom('employee' as const, 'manager' as const), fc.option(place)), {
    minLength: 3,
    maxLength: 4,
  }),
  /** [whose account, which customer, whether they ordered, who has the chat] */
  chats: fc.array(fc.tuple(place, fc.nat({ max: 4 }), fc.boolean(), fc.option(place)), { minLength: 6, maxLength: 8 }),
  buyer: fc.option(fc.nat({ max: 4 }), { freq: 4 }),
})

t.test('30: a list shows what may be fetched, and nothing may be fetched that no list shows', async (t) => {
  const app = await testApp(t)
  const { db, call, organization } = app
  const phones = ['+15550100301', '+15550100302', '+15550100303', '+15550100304', '+15550100305']
  let people = 0
  const admin = await app.person('admin')
  const property = fc.asyncProperty(organisation, async ({ staff, chats, buyer }) => {
    const members: Member[] = []
    for (const [index, [drawn, above]] of staff.entries()) {
      const role = index === 0 ? 'manager' : drawn
      const boss = index === 0 ? null : above === null ? null : above % index
      const managerId = boss === null ? undefined : members[boss]?.id
      const person = await app.person(role, managerId === undefined ? {} : { managerId })
      members.push({ ...person, role, above: boss })
    }
    const customers = new Set<CustomerId>()
    const all = {
      orders: new Map<string, { user: UserId; customer: CustomerId }>(),
      chats: new Map<string, { readonly customer: CustomerId; readonly users: readonly UserId[] }>(),
    }
    for (const [whose, which, ordered, given] of chats) {
      const owner = members[whose % members.length]
      if (owner === undefined) continue
      const phone = `${(phones[which] ?? '').slice(0, -2)}${String(people).padStart(2, '0')}${which}`
      const made = await chat(db, organization, owner.id, phone, ['hi']).catch(() => null)
      if (made === null) continue
      customers.add(made.customerId)
      const assignee = given === null ? undefined : members[given % members.length]
      // Of the same chat twice, the later counts.
      await db.run('update conversations set assignee_id = ? where id = ?', [assignee?.id ?? null, made.conversationId])
      const users = [owner.id, ...(assignee === undefined ? [] : [assignee.id])]
      all.chats.set(made.conversationId, { customer: made.customerId, users })
      if (ordered)
        all.orders.set(await order(db, organization, owner.id, made.customerId), {
          user: owner.id,
          customer: made.customerId,
        })
    }
    people += 1
    if (buyer !== null) {
      const linked = [...customers][buyer % Math.max(1, customers.size)]
      const person = await app.person('customer')
      if (linked !== undefined) await db.run('update users set customer_id = ? where id = ?', [linked, person.id])
      members.push({ ...person, role: 'customer', above: null })
      if (linked !== undefined) customerOf.set(person.id, linked)
    }
    /** Written from the rules: everything for an admin, one's own and those of all below for a manager, one's own for the others. */
    const sees = (viewer: Member, user: UserId): boolean => {
      if (viewer.role === 'admin' || user === viewer.id) return viewer.role !== 'customer'
      if (viewer.role !== 'manager') return false
      let above = members.find(({ id }) => id === user)?.above ?? null
      while (above !== null) {
        if (members[above]?.id === viewer.id) return true
        above = members[above]?.above ?? null
      }
      return false
    }
    const inTouch = (customer: CustomerId) =>
      [...all.chats.values()].flatMap((each) => (each.customer === customer ? each.users : []))
    const viewers: readonly Member[] = [...members, { ...admin, role: 'admin', above: null }]
    for (const viewer of viewers) {
      const mine = customerOf.get(viewer.id)
      const visible = {
        orders: [...all.orders]
          .filter(([, { user, customer }]) => sees(viewer, user) || customer === mine)
          .map(([id]) => id),
        customers: [...customers].filter((id) => id === mine || inTouch(id).some((user) => sees(viewer, user))),
        chats: [...all.chats].filter(([, { users }]) => users.some((user) => sees(viewer, user))).map(([id]) => id),
        users:
          viewer.role === 'employee' || viewer.role === 'customer'
            ? []
            : members.filter(({ id }) => id !== viewer.id && sees(viewer, id)).map(({ id }) => id),
      }
      const those = [
        ['/api/orders', (id: string) => `/api/orders/${id}`, visible.orders, [...all.orders.keys()]],
        ['/api/orders', (id: string) => `/api/orders/${id}/events`, visible.orders, [...all.orders.keys()]],
        ['/api/customers', (id: string) => `/api/customers/${id}`, visible.customers, [...customers]],
        [
          '/api/whatsapp/conversations',
          (id: string) => `/api/whatsapp/conversations/${id}/messages`,
          visible.chats,
          [...all.chats.keys()],
        ],
        [
          '/api/users',
          (id: string) => `/api/users/${id}`,
          visible.users,
          members.map(({ id }) => id).filter((id) => id !== viewer.id),
        ],
      ] as const
      for (const [list, one, expected, every] of those) {
        const listed = await call({ url: `${list}?limit=100`, as: viewer.token })
        if (listed.status === 403) {
          if (expected.length > 0 && viewer.role !== 'customer') throw new Error(`${list} by ${viewer.role}: 403`)
          for (const id of every.slice(0, 2)) {
            const { status } = await call({ url: one(id), as: viewer.token })
            if (status !== 403) throw new Error(`${one(id)} by ${viewer.role}: ${status}, and the list is forbidden`)
          }
          continue
        }
        if (listed.body.nextCursor) throw new Error(`${list} is longer than this looks`)
        const shown: readonly string[] = listed.body.data.map(({ id }: { readonly id: string }) => id)
        const ids = shown.filter((id) => every.some((each) => each === id)).sort()
        if (JSON.stringify(ids) !== JSON.stringify([...expected].sort()))
          throw new Error(`${list} by ${viewer.role} shows ${ids.length} rows and should ${expected.length}`)
        for (const id of every) {
          const { status } = await call({ url: one(id), as: viewer.token })
          if (status !== (shown.includes(id) ? 200 : 404)) throw new Error(`${one(id)} by ${viewer.role}: ${status}`)
        }
      }
      const contacts = await call({ url: '/api/whatsapp/contacts?limit=100', as: viewer.token })
      for (const { customerId } of contacts.body.data ?? [])
        if (customerId !== undefined && customers.has(customerId) && !visible.customers.includes(customerId))
          throw new Error(`a contact of a customer who is not ${viewer.role}'s to see`)
    }
  })
  const customerOf = new Map<UserId, CustomerId>()
  await fc.assert(property, { numRuns: RUNS, endOnFailure: true })
})
