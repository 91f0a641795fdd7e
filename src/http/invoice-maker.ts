// Has invoices drawn in a thread of their own: shaping text and cutting fonts takes tenths of a second, for which nobody else shall wait. The
// thread begins with the first invoice and keeps what it has read of the fonts. How one is drawn is invoice-pdf.ts.

import { Worker } from 'node:worker_threads'
import type { Invoice } from '../domain/invoice/invoice.ts'
import type { Seller } from './invoice-pdf.ts'
import type { InvoiceAsked, InvoiceDrawn } from './invoice-worker.ts'

export interface InvoiceMaker {
  /** The finished file. Rejects when it cannot be drawn, or the thread ends: the next begins another. */
  draw(invoice: Invoice, seller: Seller): Promise<Buffer>
  close(): Promise<void>
}

interface Waiting {
  readonly resolve: (pdf: Buffer) => void
  readonly reject: (error: Error) => void
}

interface Thread {
  readonly worker: Worker
  readonly waiting: Map<number, Waiting>
}

export function makeInvoices(): InvoiceMaker {
  let thread: Thread | null = null
  let asked = 0

  function begin(): Thread {
    const worker = new Worker(new URL('./invoice-worker.ts', import.meta.url))
    const waiting: Thread['waiting'] = new Map()
    const made: Thread = { worker, waiting }
    // A process that has nothing else to do is not kept by it.
    worker.unref()
    worker.on('message', (drawn: InvoiceDrawn) => {
      const one = waiting.get(drawn.id)
      waiting.delete(drawn.id)
      if (waiting.size === 0) worker.unref()
      if ('pdf' in drawn) one?.resolve(Buffer.from(drawn.pdf))
      else one?.reject(new Error(`an invoice could not be drawn: ${drawn.error}`))
    })
    const end = (error: Error) => {
      if (thread === made) thread = null
      for (const one of waiting.values()) one.reject(error)
      waiting.clear()
    }
    worker.on('error', end)
    worker.on('exit', () => end(new Error('the thread that draws invoices has ended')))
    thread = made
    return made
  }

  return {
    draw: (invoice, { name, contactText, locale, timezone }) =>
      new Promise((resolve, reject) => {
        const { worker, waiting } = thread ?? begin()
        asked += 1
        waiting.set(asked, { resolve, reject })
        worker.ref()
        worker.postMessage({
          id: asked,
          invoice,
          seller: { name, contactText, locale, timezone },
        } satisfies InvoiceAsked)
      }),
    async close() {
      await thread?.worker.terminate()
    },
  }
}
