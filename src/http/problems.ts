// The one table of error codes: which HTTP status each code has and the title it is shown with. docs/errors.md has a row for each.
// Codes are stable: clients switch on them. What happened this time is said by the refusal's own message.

interface Problem {
  readonly status: number
  readonly title: string
}

const problem = (status: number, title: string): Problem => ({ status, title })

export const PROBLEMS = {
  // The request itself
  'malformed-json': problem(400, 'The body is not valid JSON'),
  'malformed-request': problem(400, 'The request cannot be read'),
  'invalid-parameter': problem(400, 'A query parameter or header is unknown or wrong'),
  'invalid-cursor': problem(400, 'The cursor is not one of ours'),
  'not-found': problem(404, 'There is no such thing here'),
  'conversation-not-found': problem(404, 'There is no such conversation'),
  'method-not-allowed': problem(405, 'The method is not allowed here'),
  'payload-too-large': problem(413, 'The body is too large'),
  'unsupported-media-type': problem(415, 'The body is not JSON'),
  'validation-failed': problem(422, 'Some fields are wrong'),
  'idempotency-key-reused': problem(422, 'The Idempotency-Key was used for another request'),
  'stale-version': problem(412, 'It was changed meanwhile'),
  'request-in-progress': problem(409, 'The same request is still running'),
  'rate-limited': problem(429, 'Too many requests'),
  'too-many-streams': problem(429, 'Too many open streams'),

  // Who is asking
  unauthenticated: problem(401, 'An access token is needed'),
  'token-invalid': problem(401, 'The access token is not valid'),
  'token-expired': problem(401, 'The access token has expired'),
  'token-revoked': problem(401, 'The access token was withdrawn'),
  'ticket-invalid': problem(401, 'The stream ticket is not valid'),
  'invalid-credentials': problem(401, 'E-mail or password is wrong'),
  'too-many-attempts': problem(429, 'Too many failed attempts'),
  'account-pending': problem(403, 'The account waits for approval'),
  'account-disabled': problem(403, 'The account is disabled'),
  forbidden: problem(403, 'Your role may not do this'),
  'signup-closed': problem(403, 'Sign-up is closed'),
  'setup-token-wrong': problem(403, 'The setup token is missing or wrong'),
  'email-taken': problem(409, 'The e-mail address is taken'),
  'password-too-common': problem(422, 'The password is too common'),

  // Contacts and messages
  'invalid-phone': problem(422, 'The phone number is not valid'),
  'not-a-contact': problem(422, 'The recipient is not a contact'),
  'customer-gone': problem(409, 'The customer is not there any more'),
  'contact-opted-out': problem(409, 'The contact does not want messages'),
  'empty-message': problem(422, 'The message is empty'),
  'too-long': problem(422, 'The message is too long'),
  'invalid-image': problem(422, 'The picture cannot be used'),
  'unsupported-image': problem(415, 'The file is no JPEG, PNG or WebP picture'),
  'too-many-images': problem(422, 'The product has as many pictures as it may have'),
  'media-gone': problem(410, 'The file is gone'),
  'media-unavailable': problem(503, 'The file cannot be fetched'),
  'nothing-to-send': problem(422, 'There is nothing to send'),

  // Catalogue
  'invalid-name': problem(422, 'The name is not valid'),
  'invalid-money': problem(422, 'The amount is not valid'),
  'invalid-product': problem(422, 'The product is not valid'),
  'name-is-command': problem(422, 'The name is something customers say to the bot'),
  'name-taken': problem(422, 'Chat could not tell the product from another'),
  'duplicate-options': problem(422, 'Two variants have the same options'),
  'sku-taken': problem(409, 'The SKU is taken'),
  'variant-in-use': problem(409, 'Orders refer to the variant'),
  'last-variant': problem(409, 'A product has at least one variant'),
  'slug-taken': problem(409, 'There is such a category already'),
  'invalid-category': problem(422, 'The category is not valid'),
  'category-not-found': problem(422, 'There is no such category'),
  'category-in-use': problem(409, 'There is something in the category'),
  'category-cycle': problem(422, 'A category cannot stand under itself'),
  'category-too-deep': problem(422, 'The category would stand too deep'),

  'invalid-csv': problem(422, 'The table cannot be read'),
  'import-has-errors': problem(422, 'Rows of the table are wrong'),
  'unknown-variant': problem(422, 'There is no such variant'),

  // The shop and its people
  'open-orders': problem(409, 'An order is still open'),
  'same-customer': problem(422, 'The two are one'),
  'last-admin': problem(409, 'There would be no admin left'),
  'unknown-user': problem(422, 'There is no such user'),
  'unknown-customer': problem(422, 'There is no such customer'),
  'invite-invalid': problem(422, 'The invite does not count'),
  'currency-locked': problem(409, 'The currency cannot be changed any more'),

  // Stock
  'invalid-adjustment': problem(422, 'The correction of stock is not valid'),
  'below-reserved': problem(409, 'Less would be left than open orders were promised'),
  // Orders
  'order-transition-not-allowed': problem(409, 'The order cannot become that now'),
  'reason-required': problem(422, 'A reason is needed'),
  'insufficient-stock': problem(409, 'Not enough stock'),
  'invalid-restock': problem(422, 'That did not leave the shelf'),
  'discount-too-large': problem(422, 'The discount is too large'),
  'order-not-placed': problem(409, 'The order was not placed'),
  'order-not-editable': problem(409, 'The order is settled'),
  'refund-exceeds-paid': problem(422, 'More than was paid'),

  // Sessions
  'whatsapp-not-connected': problem(409, 'WhatsApp is not connected'),
  'session-suspended': problem(409, 'The session is suspended'),
  'session-timeout': problem(503, 'The session did not answer in time'),
  'owner-moved': problem(503, 'The session is moving to another node'),
  'mailbox-full': problem(503, 'The session has too much to do'),
  'unknown-node': problem(422, 'There is no such node to move to'),
  'nowhere-to-move': problem(409, 'There is no other node'),
  overloaded: problem(503, 'The node of the session has too much to do'),

  // Ourselves
  internal: problem(500, 'Something went wrong on our side'),
  'database-unavailable': problem(503, 'The database is away'),
  'shutting-down': problem(503, 'The server is shutting down'),
} as const satisfies Record<string, Problem>

export type ProblemCode = keyof typeof PROBLEMS

/** True for a code of the table. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code)
}
