import t from 'tap'
import { ROLES } from '../../src/domain/access.ts'
import { asId, type UserId } from '../../src/domain/ids.ts'
import { decideSignup, type SignupCase } from '../../src/http/signup-decision.ts'

const boss = asId<UserId>('01890000-0000-7000-8000-000000000001')
const base: SignupCase = {
  wanted: 'employee',
  invited: null,
  adminExists: true,
  caller: null,
  mode: 'open',
  setupTokenRight: true,
}
const decide = (it: Partial<SignupCase>) => decideSignup({ ...base, ...it })
const role = (it: Partial<SignupCase>) => {
  const decided = decide(it)
  return decided.ok ? decided.value.role : decided.refusal.code
}

t.test('the first one who asks for admin becomes it, in every mode', async (t) => {
  for (const mode of ['open', 'approval', 'closed'] as const)
    t.match(decide({ wanted: 'admin', adminExists: false, mode }), {
      ok: true,
      value: { role: 'admin', status: 'active' },
    })
})

t.test('the first admin needs the setup token where there is one', async (t) => {
  t.equal(role({ wanted: 'admin', adminExists: false, setupTokenRight: false }), 'setup-token-wrong')
  t.equal(role({ wanted: 'employee', adminExists: false, setupTokenRight: false }), 'employee')
})

t.test('nobody but an admin makes an admin or a manager once there is one', async (t) => {
  for (const wanted of ['admin', 'manager'] as const)
    for (const mode of ['open', 'approval'] as const) {
      const decided = decide({ wanted, mode })
      t.match(decided, { ok: true, value: { role: 'employee', requestedRole: wanted } })
    }
  t.equal(role({ wanted: 'admin', caller: { id: boss, role: 'manager' } }), 'forbidden')
  t.equal(role({ wanted: 'manager', caller: { id: boss, role: 'manager' } }), 'forbidden')
  t.equal(role({ wanted: 'admin', caller: { id: boss, role: 'employee' } }), 'employee')
  t.equal(role({ wanted: 'admin', caller: { id: boss, role: 'customer' } }), 'employee')
})

t.test('an admin adds anybody, in every mode, at once', async (t) => {
  for (const wanted of ROLES)
    t.match(decide({ wanted, caller: { id: boss, role: 'admin' }, mode: 'closed' }), {
      ok: true,
      value: { role: wanted, requestedRole: null, status: 'active', managerId: null },
    })
})

t.test('a manager adds employees and customers to their own team', async (t) => {
  for (const wanted of ['employee', 'customer'] as const)
    t.match(decide({ wanted, caller: { id: boss, role: 'manager' }, mode: 'closed' }), {
      ok: true,
      value: { role: wanted, status: 'active', managerId: boss },
    })
})

t.test('the mode decides for everybody else', async (t) => {
  t.match(decide({ mode: 'approval' }), { ok: true, value: { role: 'employee', status: 'pending' } })
  t.match(decide({ wanted: 'customer', mode: 'open' }), { ok: true, value: { role: 'customer', requestedRole: null } })
  t.equal(role({ mode: 'closed' }), 'signup-closed')
})

t.test('an invite gives its role, in every mode, and no more than it', async (t) => {
  for (const mode of ['open', 'approval', 'closed'] as const) {
    t.equal(role({ wanted: 'manager', invited: 'manager', mode }), 'manager')
    t.equal(role({ wanted: 'customer', invited: 'employee', mode }), 'employee')
    t.equal(role({ wanted: 'admin', invited: 'manager', mode }), 'invite-invalid')
  }
})
