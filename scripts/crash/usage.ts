// What `npm run crash -- --help` says: how to run it, and what its columns mean.

export const USAGE = `npm run crash -- [--trials 10] [--seed 1] [--only K] [--unprotected-trials M] [--scale 1] [--json]

  --trials N              so many trials: a third at a calm rate, a third bursts, a third with a database outage
  --seed S                decides who writes what and when the server is killed
  --only K                trial K of this seed alone
  --unprotected-trials M  so many of the same trials with plain Baileys and no journal; a fifth of them if not given
  --scale F               loads of this size, for a quick look
  --database URL          a PostgreSQL on which databases may be made; a bundled one is started if not given
  --json                  the last line is one object

Columns:
  messages           what WhatsApp took from contacts
  lost               of these, without a row in messages when all is quiet, or not in the journal when its receipt had arrived at a kill
  ordersExpected     of these, orders for which there was stock
  ordersLost         expected and not there
  ordersDuplicated   a second order of one message, more sold than there was, stock that no order explains
  repliesLost        an answer, or a staff message the API took, that never reached the customer
  repliesDuplicated  two WhatsApp ids for one cause
  resends            the same id again, which a phone drops
  undecryptable      messages that led to a retry receipt, a NACK 487 or 500, or a customer's failure to decrypt
  unprotected        the same trials with plain Baileys, whose journal is written when it tells of a message, after the receipt

It ends with status 1 when any column but the sizes and resends is not 0, when the server ended by itself or never became quiet,
or when 40 or more unprotected trials lost nothing.`
