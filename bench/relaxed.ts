// Which of the server's limits the bench relaxes, and why. All of them are printed with the figures; fsync, the fence and every check stay.

/** The delay before the first attempt to reconnect: bare Baileys, as it is driven here, waits for nothing. */
export const RECONNECT_INTERVAL_MS = 10

export const RELAXED: readonly string[] = [
  'the bot keeps no guard against loops and asks about no repeated order: a load repeats itself',
  'product list and product search may be asked for as often as one likes (instead of 300 a minute and address)',
  `RECONNECT_INTERVAL is ${RECONNECT_INTERVAL_MS} ms instead of 5,000 (bare reconnects at once)`,
  'pacing is off (gap 0 instead of 1,000 ms and jitter) while the wire rate is taken and while sessions are warmed up, not while answers are counted',
  'the database counts the tables that have changed (analyze) before messages come in, as it does by itself within a minute',
]
