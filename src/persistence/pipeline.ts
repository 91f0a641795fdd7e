// Several statements as one transaction in one round trip: all are on the wire before the first answer, so nothing waits for us between the
// first lock and the commit, not even when this process is frozen, and the disk is waited for once.

import type { PooledClient } from './orm.ts'
import { numbered } from './placeholders.ts'
import type { Statement } from './statement.ts'

/** A statement of the pipeline failed, so none of them has done anything. The cause is the first failure. */
export class PipelineFailed extends Error {
  override readonly name = 'PipelineFailed'
}

/**
 * @returns the rows of each statement, in order, once all of it is committed
 * @throws PipelineFailed, or what the connection throws: then it is not known whether it was committed
 */
export async function pipelined(client: PooledClient, statements: readonly Statement[]): Promise<object[][]> {
  const { stream } = client.connection
  // Only for these: a client that pipelines would wait for its last answer when it is to be closed, however long that takes.
  client.pipeline = true
  // One write instead of one for each.
  stream.cork()
  const sent = [
    client.query('begin'),
    ...statements.map(({ sql, params }) => client.query(numbered(sql, params.length), params)),
    client.query('commit'),
  ]
  stream.uncork()
  const answers = await Promise.allSettled(sent)
  client.pipeline = false
  const failed = answers.find((answer) => answer.status === 'rejected')
  if (failed !== undefined) throw new PipelineFailed('nothing of it was done', { cause: failed.reason })
  const results = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  if (results.at(-1)?.command !== 'COMMIT') throw new PipelineFailed('it was rolled back')
  return results.slice(1, -1).map(({ rows }) => rows)
}
