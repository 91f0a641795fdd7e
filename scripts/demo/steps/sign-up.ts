// The first account becomes the admin; a later one that asks for the same does not.

import { profileAnswer, signupAnswer } from '../../../src/http/schemas/auth.ts'
import { OWNER } from '../cast.ts'
import { signUpOwner } from '../shop.ts'
import type { Scene } from '../story.ts'

/** @returns the owner's token */
export async function signUp({ api, paper, check }: Scene): Promise<string> {
  paper.chapter(`2. ${OWNER.name} signs up`)
  const { token, user } = await signUpOwner(api)
  check.equal('the first account is the admin', [user.role, user.status], ['admin', 'active'])
  const profile = await api.as(token).call('GET', '/api/auth/profile', { shape: profileAnswer })
  check.equal('the token is of the owner', profile.user.email, OWNER.email)
  paper.fact(`${OWNER.email} is the first account and becomes the admin`)

  const second = await api.call('POST', '/api/auth/signup', {
    body: { email: 'second@company.com', password: OWNER.password, role: 'admin' },
    status: 201,
    shape: signupAnswer,
  })
  check.equal(
    'a later account does not become an admin by itself',
    [second.user.role, second.user.requestedRole],
    ['employee', 'admin'],
  )
  paper.fact('second@company.com asks for the same, becomes an employee and waits for the admin')
  return token
}
