// What is too late to be said: an answer of the bot or a message about an order that waited so long that it would only confuse. It is not sent
// (outbox.ts), however long nobody was here to send or to give up; the janitor gives it up (notices.ts).

/** True of a row of the outbox that is too late; `before` is an expression, by the clock of the database: what was made before that is. */
export const over = (before: string) =>
  `(created_at < ${before} and (notice_of is not null or idem_key like 'reply:%'))`

/** The code of a message that was given up. */
export const TOO_LATE = 'too-late'
