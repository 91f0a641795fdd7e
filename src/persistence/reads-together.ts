// Reads what many ask for at about the same time in one statement: a storm of logins or of sessions to place asks the same small question
// hundreds of times. Every answer is read after it was asked for.

import type { Database } from './database.ts'
import { gathering } from './gathering.ts'

/** Statements under way at a time. */
const ROUNDS = 2

/**
 * @param most questions of one statement
 * @param read answers in the order of the questions, one each; it must not answer for one it could not ask
 * @returns asks one question. It rejects with what `read` threw, as all of its statement do
 */
export function readsTogether<Q, A>(
  most: number,
  read: (db: Database, questions: readonly Q[]) => Promise<readonly A[]>,
): (db: Database, question: Q) => Promise<A> {
  const readers = new WeakMap<Database, (question: Q) => Promise<A>>()

  async function run(db: Database, questions: readonly Q[]): Promise<{ outcome: Promise<A> }[]> {
    const answers = await read(db, questions)
    if (answers.length !== questions.length) throw new Error('the database did not answer every question')
    return answers.map((answer) => ({ outcome: Promise.resolve(answer) }))
  }

  return (db, question) => {
    let reader = readers.get(db)
    if (reader === undefined) {
      reader = gathering<Q, A>({ atOnce: ROUNDS, most, run: (questions) => run(db, questions) })
      readers.set(db, reader)
    }
    return reader(question)
  }
}
